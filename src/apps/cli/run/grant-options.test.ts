import { describe, expect, it } from 'vitest';
import { ECHO_CLIENT } from '../../../../test/support/echo/client-words.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { UsageFailure } from '../terminal/conventions.js';
import { grantRequestOf } from './grant-options.js';

const OPTIONS = { task: 'A test', ttl: 60, onHold: 'wait' } as const;
/** Shares an option with the databases, as another protocol of databases would with words of its own. */
const OTHER: ClientProtocol = {
  ...ECHO_CLIENT,
  name: 'other',
  access: {
    ...ECHO_CLIENT.access,
    options: [{ flags: '--read <table...>', about: 'tables' }],
    rulesOf: ({ read }) => [{ other: read }],
  },
};

/** The rules of a request, and how often the target was asked for. */
async function accessFor(typed: object, protocol = 'mysql', protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS) {
  let looks = 0;
  const getTarget = (name: string) => {
    looks += 1;
    return Promise.resolve({ name, protocol, defaultDatabase: 'shop' } as never);
  };
  const { access } = await grantRequestOf('one', { ...OPTIONS, ...typed }, { getTarget }, protocols);
  return { access, looks };
}

describe('the access that a command asks for', () => {
  it('is what the target gives where nothing was typed, and what was typed as rules', async () => {
    expect(await accessFor({})).toEqual({ access: undefined, looks: 0 });
    expect(await accessFor({ access: [{ room: 'hall' }] })).toEqual({ access: [{ room: 'hall' }], looks: 0 });
  });

  it('looks at the target where a place is missing, and not else', async () => {
    const rule = { database: 'shop', tables: ['orders'], privileges: ['SELECT'] };
    expect(await accessFor({ read: ['shop.orders'] })).toEqual({ access: [rule], looks: 0 });
    expect(await accessFor({ read: ['orders'] })).toEqual({ access: [rule], looks: 1 });
  });

  it('is in the words of the protocol whose options were typed', async () => {
    const room = await accessFor({ room: ['hall'] }, 'echo', [...CLIENT_PROTOCOLS, ECHO_CLIENT]);
    expect(room).toEqual({ access: [{ room: 'hall', verbs: ['SAY'] }], looks: 0 });
  });

  it('is in those of the target where two protocols have the option', async () => {
    const protocols = [...CLIENT_PROTOCOLS, OTHER];
    expect(await accessFor({ read: ['a.b'] }, 'other', protocols)).toEqual({ access: [{ other: ['a.b'] }], looks: 1 });
    expect(await accessFor({ read: ['a.b'] }, 'mysql', protocols)).toMatchObject({ access: [{ database: 'a' }] });
  });

  it('is refused where options of two protocols were typed: the target has only one', async () => {
    const both = accessFor({ read: ['a.b'], room: ['hall'] }, 'echo', [...CLIENT_PROTOCOLS, ECHO_CLIENT]);
    await expect(both).rejects.toThrow(UsageFailure);
    await expect(both).rejects.toThrow('Not all of these options are for the target one: read, room.');
  });
});
