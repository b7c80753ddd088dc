import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../kernel/clock.js';
import type { NeededPrivilege } from '../privilege.js';
import type { AccountPrivileges, GivingOutcome, KeptHoldings } from './account-privileges.js';
import type { Holding } from './holdings.js';
import { PrivilegeDoor, type PrivilegeDoorOptions } from './privilege-door.js';

const CEILING = [{ database: 'shop', privileges: ['SELECT', 'UPDATE', 'DELETE'] }] as const;
const UPDATE: NeededPrivilege = { on: 'table', privilege: 'UPDATE', database: 'shop', table: 'orders' };
const DELETE: NeededPrivilege = { on: 'table', privilege: 'DELETE', database: 'shop', table: 'orders' };
const RESTARTING = new Error('The target is restarting.');

/** An account that notes what is given and taken; `faults` are thrown one after the other, before anything is done. */
class NotedAccount implements AccountPrivileges {
  readonly log: string[] = [];
  readonly faults: Error[] = [];
  readonly kept: KeptHoldings[] = [];
  giving: Partial<GivingOutcome> = {};
  whileGiving: () => void = () => {};

  give(holdings: readonly Holding[]): Promise<GivingOutcome> {
    this.log.push(`gave ${wordsOf(holdings)}`);
    this.whileGiving();
    return Promise.resolve({ given: holdings, tried: holdings, ...this.giving });
  }

  take(holdings: readonly Holding[], kept: KeptHoldings): Promise<void> {
    const fault = this.faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    this.log.push(`took ${wordsOf(holdings)}`);
    this.kept.push(kept);
    return Promise.resolve();
  }

  change({ to }: { readonly to: readonly Holding[] }): Promise<void> {
    const fault = this.faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    this.log.push(`stands ${wordsOf(to)}`);
    return Promise.resolve();
  }
}

function wordsOf(holdings: readonly Holding[]): string {
  return holdings.map(({ privileges }) => privileges.join('+')).join(', ');
}

function doorOf(options: Partial<PrivilegeDoorOptions> = {}) {
  const account = new NotedAccount();
  const stuck: unknown[] = [];
  const door = new PrivilegeDoor({
    account,
    standing: [{ database: 'shop', privileges: ['SELECT'] }],
    ceiling: CEILING,
    lockWaits: () => Promise.resolve([]),
    clock: systemClock,
    onStuck: (error) => stuck.push(error),
    ...options,
  });
  return { door, account, stuck };
}

describe('a window', () => {
  it('gives what does not stand, and takes it back once', async () => {
    const { door, account } = doorOf();
    const window = await door.open([UPDATE, { ...UPDATE, privilege: 'SELECT' }]);
    expect(window.given).toEqual(['UPDATE ON shop.orders']);
    await Promise.all([window.close(), window.close()]);
    expect(account.log).toEqual(['gave UPDATE', 'took UPDATE']);
  });

  it('is open alone, and the next one is given nothing until it is taken back', async () => {
    const { door, account } = doorOf();
    const first = await door.open([UPDATE]);
    const waiting = door.open([DELETE]);
    expect([door.isOpen, account.log]).toEqual([true, ['gave UPDATE']]);
    await first.close();
    await (await waiting).close();
    expect(account.log).toEqual(['gave UPDATE', 'took UPDATE', 'gave DELETE', 'took DELETE']);
    expect(door.isOpen).toBe(false);
  });

  it('lends more for a moment after it was taken back, before anybody else has a turn', async () => {
    const { door, account } = doorOf();
    const first = await door.open([UPDATE]);
    const waiting = door.open([UPDATE]);
    await first.close(async (lend) => {
      const lent = await lend([DELETE]);
      await lent.close();
      await (await lend([])).close();
    });
    await (await waiting).close();
    const turn = ['gave UPDATE', 'took UPDATE'];
    expect(account.log).toEqual([...turn, 'gave DELETE', 'took DELETE', ...turn]);
  });

  it('that gave only a part takes back all that was tried, and ends what may still give', async () => {
    const { door, account } = doorOf();
    account.giving = { given: [], fault: { cause: RESTARTING }, lostThread: 7 };
    await expect(door.open([UPDATE])).rejects.toMatchObject({
      code: 'privileges_not_given',
      detail: 'It needs UPDATE ON shop.orders.',
      cause: RESTARTING,
    });
    expect(account.log).toEqual(['gave UPDATE', 'took UPDATE']);
    expect(account.kept).toMatchObject([{ lostThread: 7, standing: [{ privileges: ['SELECT'] }] }]);
    expect(door.isOpen).toBe(false);
  });

  it('is tried again to be taken back while the target restarts', async () => {
    const { door, account, stuck } = doorOf();
    account.faults.push(RESTARTING, RESTARTING);
    await (await door.open([UPDATE])).close();
    expect([account.log, stuck]).toEqual([['gave UPDATE', 'took UPDATE'], []]);
  });

  it('that cannot be taken back ends the grant, and nothing is given any more', async () => {
    const { door, account, stuck } = doorOf({ retryMs: 0 });
    const window = await door.open([UPDATE]);
    account.faults.push(RESTARTING);
    await window.close();
    expect(stuck).toEqual([RESTARTING]);
    await expect(door.open([])).rejects.toMatchObject({ code: 'grant_failed' });
  });

  it('is refused, and nothing given, beyond what the grant may have', async () => {
    const { door, account } = doorOf({ ceiling: [{ database: 'shop', privileges: ['SELECT'] }] });
    await expect(door.open([UPDATE])).rejects.toMatchObject({ code: 'statement_outside_grant' });
    expect(account.log).toEqual([]);
  });

  it('is not opened for a client that went while it was given', async () => {
    const { door, account } = doorOf();
    const gone = new AbortController();
    account.whileGiving = () => gone.abort(new Error('The client went.'));
    await expect(door.open([UPDATE], gone.signal)).rejects.toThrow('The client went.');
    expect(account.log).toEqual(['gave UPDATE', 'took UPDATE']);
    expect(door.isOpen).toBe(false);
  });
});

describe('what stands', () => {
  it('is changed while no window is open, and told before the next one has its turn', async () => {
    const { door, account } = doorOf();
    const window = await door.open([UPDATE]);
    const standing = door.stand([{ database: 'shop', tables: ['orders'], privileges: ['UPDATE'] }], (changed) =>
      account.log.push(`told ${wordsOf(changed)}`),
    );
    const next = door.open([UPDATE, DELETE]);
    await window.close();
    await standing;
    expect((await next).given).toEqual(['DELETE ON shop.orders']);
    expect(account.log).toEqual(['gave UPDATE', 'took UPDATE', 'stands UPDATE', 'told SELECT, UPDATE', 'gave DELETE']);
  });

  it('stays as it was when it cannot be changed, and the grant ends', async () => {
    const { door, account, stuck } = doorOf({ retryMs: 0 });
    account.faults.push(RESTARTING);
    await expect(door.stand([])).rejects.toBe(RESTARTING);
    expect([door.standing, stuck]).toEqual([[{ database: 'shop', privileges: ['SELECT'] }], [RESTARTING]]);
  });
});
