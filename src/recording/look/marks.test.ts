import { describe, expect, it } from 'vitest';
import type { ChainFields, EntryFields } from '../entries/entries.js';
import type { RecordedReplay } from '../replay/teller.js';
import { grantClosed, grantOpened, result, sessionOpened, statement } from '../testing/recordings.js';
import { MarkBuilder, type Marks } from './marks.js';
import { marksOfText, marksText } from './stored-marks.js';

const RESPONSE = { bytes: 10, kept: 10, sha256: '0'.repeat(64), segment: 1, offset: 0 };

/** Statements whose shape begins with w change something; asks about each shape once. */
function countingReplay(): { readonly replay: RecordedReplay; readonly asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const teller = {
    follow: () => undefined,
    operation: ({ shape }: { readonly shape: string | null }) => {
      asked.push(shape);
      return { effect: () => (shape?.startsWith('w') === true ? 'change' : 'read') };
    },
  };
  // Only what the index asks for.
  return { replay: { teller: () => teller } as unknown as RecordedReplay, asked };
}

function marksOf(entries: readonly EntryFields[], replay: RecordedReplay | undefined, everyUs = 10): Marks {
  const builder = new MarkBuilder(replay);
  for (const [index, fields] of entries.entries()) {
    const chain: ChainFields = { seq: index + 1, prev: '', at: '2026-01-31T12:00:00.000000Z', mono: index * everyUs };
    builder.take({ ...chain, ...fields });
  }
  return builder.marks();
}

const of = (operation: number) => ({ session: 1, operation });
const asked: EntryFields = {
  type: 'approval.asked',
  ...of(3),
  approval: 'a',
  approvers: [],
  quorum: 1,
  expires: '2026-01-31T12:00:00.000000Z',
  again: false,
};
const decided = (operation: number, outcome: 'approved' | 'denied'): EntryFields => {
  return { type: 'approval.decided', ...of(operation), approval: 'a', outcome, decisions: [] };
};

describe('the index of a recording', () => {
  it('leads to writes that ran, to what was held, denied and failed, and to sessions', () => {
    const { replay } = countingReplay();
    const entries: EntryFields[] = [
      grantOpened,
      sessionOpened,
      { ...statement(1), shape: 'read' },
      { ...result(1, { ...RESPONSE, kept: 4 }), outcome: 'error' },
      { ...statement(2), shape: 'write' },
      result(2, RESPONSE),
      { ...statement(3), shape: 'write', verdict: 'hold' },
      asked,
      decided(3, 'approved'),
      { type: 'forwarded', ...of(3) },
      { ...result(3, RESPONSE), outcome: 'unknown' },
      { ...statement(4), shape: 'write', verdict: 'hold' },
      decided(4, 'denied'),
      { ...result(4, RESPONSE), outcome: 'error' },
      { ...statement(5), shape: 'write', verdict: 'deny' },
      { ...result(5, RESPONSE), outcome: 'error' },
      { type: 'refused', session: 1, name: 'COM_X', code: 'command_unsupported', payloadBytes: 1, head: '00' },
      { type: 'session.refused', client: { address: '127.0.0.1', port: 1 }, code: 'login_refused' },
      { ...grantClosed(true) },
    ];
    const { marks, ...rest } = marksOf(entries, replay);
    expect(marks.map(({ seq, kind, operation }) => [seq, kind, operation])).toEqual([
      [2, 'session', null],
      [3, 'error', 1],
      [5, 'write', 2],
      [7, 'write', 3],
      [7, 'held', 3],
      [7, 'error', 3],
      [12, 'held', 4],
      [12, 'denied', 4],
      [15, 'denied', 5],
      [17, 'denied', null],
      [18, 'session', null],
    ]);
    expect(rest).toMatchObject({
      entries: 19,
      statements: 5,
      durationUs: 180,
      firstAt: '2026-01-31T12:00:00.000000Z',
      counts: { writes: 2, errors: 2, held: 2, denied: 3, sessions: 2 },
      thinned: [],
      density: [5],
      lacks: { cutAnswers: 1, unknownOutcomes: 1, interrupted: true },
    });
    expect(marks.at(-1)).toMatchObject({ session: null, monoUs: 170 });
  });

  it('reads one statement of each shape, and every one that has none', () => {
    const { replay, asked: read } = countingReplay();
    const shapes = ['write', 'read', 'write', null, 'read', null];
    const entries = shapes.map((shape, index): EntryFields => ({ ...statement(index + 1), shape }));
    expect(marksOf([grantOpened, ...entries], replay).counts.writes).toBe(2);
    expect(read).toEqual(['write', 'read', null, null]);
  });

  it('counts every operation as a change where the protocol is not known', () => {
    expect(marksOf([grantOpened, statement(1), statement(2)], undefined).counts).toMatchObject({ writes: 2 });
  });

  it('keeps 4,000 marks of a kind at most, evenly, and says which it left out; counts and density stay exact', () => {
    const { replay } = countingReplay();
    const count = 20_000;
    const writes = Array.from({ length: count }, (_, index): EntryFields => ({ ...statement(index + 1), shape: 'w' }));
    const { marks, thinned, counts, density, bucketUs, durationUs } = marksOf([grantOpened, ...writes], replay, 977);
    expect(counts.writes).toBe(count);
    expect(thinned).toEqual([{ kind: 'write', of: count, every: 8 }]);
    expect(marks).toHaveLength(Math.ceil(count / 8));
    expect(marks.map(({ operation }) => operation)).toEqual(marks.map((_, index) => index * 8 + 1));
    expect(density.length).toBeLessThanOrEqual(1_000);
    expect(density.length).toBeGreaterThan(500);
    expect(density.reduce((sum, each) => sum + each, 0)).toBe(count);
    expect(bucketUs * density.length).toBeGreaterThan(durationUs);
  });

  it('is kept as a text, and only for the file and the version that it is of', () => {
    const marks = marksOf([grantOpened, sessionOpened, statement(1)], undefined);
    const text = marksText('abc', marks);
    expect(marksOfText(text, { sha256: 'abc', entries: 3 })).toEqual(marks);
    for (const wrong of [
      text.replace('"version":1', '"version":2'),
      text.slice(1),
      '',
      text.replace('"write"', '"x"'),
    ]) {
      expect(marksOfText(wrong, { sha256: 'abc', entries: 3 })).toBeUndefined();
    }
    expect(marksOfText(text, { sha256: 'abd', entries: 3 })).toBeUndefined();
    expect(marksOfText(text, { sha256: 'abc', entries: 4 })).toBeUndefined();
  });
});
