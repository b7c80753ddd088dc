import { describe, expect, it } from 'vitest';
import type { Access } from '../../sql/access.js';
import type { NeededPrivilege } from '../../sql/privilege.js';
import { holdingsOfNeeds } from '../../sql/privileges/holdings.js';
import type { StatementDoor } from '../../sql/privileges/no-door.js';
import { SessionDoor } from './session-door.js';

const WHOLE: NeededPrivilege = { on: 'database', privilege: 'EXECUTE', database: 'shop' };
const READ_ONE: NeededPrivilege = { on: 'table', privilege: 'SELECT', database: 'shop', table: 'orders' };

/** A door that notes what it is asked for, in order. */
function doorOf(access: { readonly standing?: readonly Access[]; readonly ceiling?: readonly Access[] } = {}) {
  const log: string[] = [];
  const inner: StatementDoor = {
    isOpen: false,
    holders: [],
    standing: access.standing ?? [],
    ceiling: access.ceiling ?? [{ database: 'shop', privileges: ['EXECUTE', 'SELECT'] }],
    open: (needs) => {
      log.push(`open ${needs.map(({ on, privilege }) => `${privilege} on a ${on}`).join(', ')}`);
      return Promise.resolve({
        given: [],
        holdings: holdingsOfNeeds(needs),
        close: async (afterwards) => {
          log.push('close');
          await afterwards?.((more) => inner.open(more));
        },
      });
    },
    stand: (standing, onChange) => {
      onChange?.(standing.map(({ database, privileges }) => ({ on: 'database', database, privileges })));
      return Promise.resolve();
    },
  };
  return { log, door: new SessionDoor(inner, () => Promise.resolve('orders')) };
}

describe('a session', () => {
  it('is told the databases on which it has something as a whole, which it must enter to have it', async () => {
    const { door } = doorOf();
    expect((await door.open([WHOLE, READ_ONE])).databases).toEqual(['shop']);
    expect((await door.open([READ_ONE])).databases).toEqual([]);
  });

  it('is lent one privilege on one table to enter a database in which nothing stands', async () => {
    const { door, log } = doorOf();
    await door.openToEnter('shop');
    expect(log).toEqual(['open SELECT on a table']);
  });

  it('is lent nothing where something stands, where nothing can be lent, and for no database', async () => {
    const here = doorOf({ standing: [{ database: 'shop', privileges: ['INSERT'] }] });
    await here.door.openToEnter('shop');
    const elsewhere = doorOf({ ceiling: [{ database: 'shop', privileges: ['EXECUTE'] }] });
    await elsewhere.door.openToEnter('shop');
    const nowhere = doorOf();
    await nowhere.door.openToEnter(null);
    expect([here.log, elsewhere.log, nowhere.log]).toEqual([['open '], ['open '], ['open ']]);
  });

  it('enters its database after its window is taken back, with what lets it in', async () => {
    const { door, log } = doorOf();
    const window = await door.open([WHOLE]);
    await window.close({ database: 'shop', enter: () => Promise.resolve(void log.push('enter')) });
    expect(log).toEqual(['open EXECUTE on a database', 'close', 'open SELECT on a table', 'enter', 'close']);
  });

  it('must enter its database again once something on a whole database stands or stands no longer', async () => {
    const { door } = doorOf();
    const { epoch } = door;
    expect(await door.stand([])).toEqual([]);
    expect(door.epoch).toBe(epoch);
    expect(await door.stand([{ database: 'shop', privileges: ['SELECT'] }])).toEqual(['shop']);
    expect(door.epoch).not.toBe(epoch);
  });
});
