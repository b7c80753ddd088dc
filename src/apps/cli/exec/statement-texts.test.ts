import { describe, expect, it } from 'vitest';
import { ECHO_CLIENT } from '../../../../test/support/echo/client-words.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { UsageFailure } from '../terminal/conventions.js';
import { readStatements, requireAnyReading } from './statement-texts.js';

const BOTH = [...CLIENT_PROTOCOLS, ECHO_CLIENT];
/** No text of SQL: a quote in it does not end. */
const LINES = "SAY hall it's; one\n\nSAY hall two; lines\n";

async function read(text: string, protocol: string, protocols = BOTH) {
  const { statements, called } = await readStatements(text, protocol, protocols);
  return { statements, called };
}

describe('a text', () => {
  it("is taken apart as its target's protocol reads it, whatever another makes of it", async () => {
    expect(await read('SELECT 1; SELECT ";"', 'mysql')).toEqual({
      statements: ['SELECT 1', 'SELECT ";"'],
      called: 'statement',
    });
    expect(await read(LINES, 'echo')).toEqual({
      statements: ["SAY hall it's; one", 'SAY hall two; lines'],
      called: 'line',
    });
  });

  it.each([
    ["SELECT 'x", 'mysql', /The SQL cannot be taken apart/],
    [LINES, 'mysql', /The SQL cannot be taken apart/],
    ['SELECT 1', 'echo', /Nobody says "SELECT 1" to an echo\./],
    ['; -- nothing', 'mysql', /^There is no statement in it\.$/],
    [' \n ', 'echo', /^There is no line in it\.$/],
  ])('that is none of its protocol is refused in the words of that: %j for %s', async (text, protocol, why) => {
    const refused = readStatements(text, protocol, BOTH);
    await expect(refused).rejects.toThrow(UsageFailure);
    await expect(refused).rejects.toThrow(why);
  });

  it('of a protocol that is not in the list, or has no sessions, is refused with what to do instead', async () => {
    const unknown = read(LINES, 'echo', [...CLIENT_PROTOCOLS]);
    await expect(unknown).rejects.toThrow(UsageFailure);
    await expect(unknown).rejects.toThrow(
      'The target speaks echo, which this version of doorwarden does not know. Use doorwarden run with a client of your own.',
    );
    const { sessions: _, ...silent } = ECHO_CLIENT;
    await expect(read(LINES, 'echo', [...CLIENT_PROTOCOLS, silent])).rejects.toThrow(
      'The target speaks echo, which doorwarden exec does not. Use doorwarden run',
    );
  });
});

describe('a text for a target of which nobody says what it speaks', () => {
  it.each(['SELECT 1', LINES])('goes on where a protocol reads it: %j', async (text) => {
    await expect(requireAnyReading(text, BOTH)).resolves.toBeUndefined();
  });

  it('is refused where none does', async () => {
    await expect(requireAnyReading("SELECT 'x", BOTH)).rejects.toThrow(/The SQL cannot be taken apart/);
    await expect(requireAnyReading(LINES, CLIENT_PROTOCOLS)).rejects.toThrow(UsageFailure);
  });
});
