import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

describe('turns', () => {
  it('are taken beside each other, or alone in the order in which they were asked for', async () => {
    const turns = new Turns(10);
    const order: string[] = [];
    const take = async (kind: 'shared' | 'alone', name: string) => {
      const end = await turns.take(kind);
      order.push(name);
      return end;
    };
    const [first, second] = [await take('shared', 's1'), await take('shared', 's2')];
    const alone = take('alone', 'a1');
    const later = take('shared', 's3');
    await settled();
    expect(order).toEqual(['s1', 's2']);
    first();
    first();
    await settled();
    expect(order).toEqual(['s1', 's2']);
    second();
    const endAlone = await alone;
    expect(order).toEqual(['s1', 's2', 'a1']);
    expect(turns.isTaken).toBe(true);
    endAlone();
    await later;
    expect(order).toEqual(['s1', 's2', 'a1', 's3']);
    expect(turns.isTaken).toBe(false);
  });

  it('pass on when who waits gives up', async () => {
    const turns = new Turns(10);
    const end = await turns.take('shared');
    const giveUp = new AbortController();
    const alone = turns.take('alone', giveUp.signal);
    const behind = turns.take('shared');
    giveUp.abort(new Error('gone'));
    await expect(alone).rejects.toThrow('gone');
    await expect(behind).resolves.toBeTypeOf('function');
    end();
    await expect(turns.take('alone', giveUp.signal)).rejects.toThrow('gone');
  });

  it('are over for everybody once they are closed', async () => {
    const turns = new Turns(10);
    const end = await turns.take('alone');
    const waiting = turns.take('shared');
    turns.close(new Error('stuck'));
    await expect(waiting).rejects.toThrow('stuck');
    end();
    expect(turns.isTaken).toBe(true);
    await expect(turns.take('shared')).rejects.toThrow('stuck');
  });

  it('never overlap with one that is alone, never overtake, and all come, in any order of events', async () => {
    const events = fc.array(
      fc.record({ kind: fc.constantFrom('shared' as const, 'alone' as const), gives: fc.boolean(), ends: fc.nat(3) }),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(events, async (asked) => {
        const turns = new Turns(100);
        const began: number[] = [];
        const open: { kind: string; end: () => void }[] = [];
        const gaveUp = new Set<number>();
        const endFirst = () => open.shift()?.end();
        for (const [index, { kind, gives, ends }] of asked.entries()) {
          const patience = new AbortController();
          turns.take(kind, patience.signal).then(
            (end) => {
              began.push(index);
              open.push({ kind, end });
              if (open.some((one) => one.kind === 'alone')) expect(open).toHaveLength(1);
            },
            () => gaveUp.add(index),
          );
          await settled();
          if (gives) patience.abort(new Error('gone'));
          for (let count = 0; count < ends; count += 1) endFirst();
          await settled();
        }
        while (open.length > 0) {
          endFirst();
          await settled();
        }
        expect(began).toEqual(began.toSorted((one, other) => one - other));
        expect(began.length + gaveUp.size).toBe(asked.length);
        expect(turns.isTaken).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
