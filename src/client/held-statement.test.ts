import { expect, it } from 'vitest';
import { sentenceOf } from '../kernel/errors.js';
import { heldStatement, statementRefusal } from './held-statement.js';

const ID = '01m7ytqm8g9xt6m7ken4f6b9rz';
const UNTIL = '2026-11-30T04:15:00.000Z';
const HELD = sentenceOf('statement_held', `People are asked until ${UNTIL} with approval ${ID}.`);

function caused(message: string, cause: unknown): Error {
  return new Error(message, { cause });
}

function withItself(error: Error): Error {
  error.cause = { cause: error };
  return error;
}

/** What mysql, mysql2 and mariadb put on an error of a server. */
function marked<E extends Error>(error: E, text: string): E {
  return Object.assign(error, { errno: 1105, code: 'ER_UNKNOWN_ERROR', sqlState: 'HY000', sqlMessage: text });
}

function ofDriver(text: string): Error {
  return marked(new Error(text), text);
}

/** As Prisma's adapter for MariaDB and MySQL makes them. */
function ofAdapter(text: string): Error {
  const kind = { kind: 'mysql', code: 1105, message: text, state: 'HY000' };
  return caused('mysql', { originalCode: '1105', originalMessage: text, ...kind });
}

it.each([
  ['mysql2', ofDriver(HELD)],
  ['mariadb', marked(new Error(`(conn:4, no: 1105, SQLState: HY000) ${HELD}\nsql: update … - parameters:[1]`), HELD)],
  [
    'mariadb 2, which calls the text otherwise',
    Object.assign(new Error(`${HELD}\nsql: update …`), { errno: 1105, sqlState: 'HY000', text: HELD }),
  ],
  ['a driver that has the text as its message', Object.assign(new Error(HELD), { errno: 1105, sqlState: 'HY000' })],
  [
    'Knex, which puts the statement before it',
    marked(new Error(`update \`orders\` set \`total\` = 1 - ${HELD}`), HELD),
  ],
  ['Drizzle', caused('Failed query: update …\nparams: 1', ofDriver(HELD))],
  ['TypeORM', Object.assign(new Error(HELD), { query: 'update …', parameters: [], driverError: ofDriver(HELD) })],
  ['Sequelize', Object.assign(new Error(HELD), { parent: ofDriver(HELD), original: ofDriver(HELD), sql: 'update …' })],
  ['Objection', Object.assign(new Error(HELD), { nativeError: ofDriver(HELD), client: 'mysql' })],
  ['a program that keeps it as cause', caused('The order was not changed', caused('Failed query', ofDriver(HELD)))],
  ['an adapter of Prisma', ofAdapter(HELD)],
  ['an older one of them', caused('mysql', { kind: 'mysql', code: 1105, message: HELD, state: 'HY000' })],
  [
    'Prisma, which quotes it, and keeps the adapter’s error aside',
    Object.assign(new Error(`Database error. Message: \`${HELD}\``), {
      code: 'P2010',
      meta: { modelName: 'Order', driverAdapterError: ofAdapter(HELD) },
    }),
  ],
  ['a driver, with beside it what says nothing', Object.assign(ofDriver(HELD), { meta: { modelName: 'Order' } })],
])('finds the hold in an error of %s', (_, error) => {
  expect(heldStatement(error)).toEqual({ approval: ID, expiresAt: UNTIL });
});

it.each([
  ['no error', undefined],
  ['text', HELD],
  ['another error', new Error('Duplicate entry (23000)')],
  ['an error of the target that quotes the words', ofDriver(`You have an error near '${HELD}' at line 1`)],
  ['another refusal', ofDriver(sentenceOf('statement_denied'))],
  ['a text of the target that was taken for the broker’s', ofDriver(HELD.replace('Doorwarden', 'The target'))],
  ['a look-alike in other letters', ofDriver(HELD.replace('Doorwarden', 'doorwarden'))],
  ['a look-alike with a letter that nobody sees', ofDriver(HELD.replace('Doorwarden:', 'Doorwarden\u200b:'))],
  ['a name that only ends in it', ofDriver(`x${HELD}`)],
  [
    'a value at the end of what a mapper says, with the driver’s own error below it',
    caused(
      `Failed query: insert into notes\nparams: ${HELD}`,
      marked(new Error(`insert - Duplicate entry`), 'Duplicate entry'),
    ),
  ],
  ['a value at the end of what a mapper says of any error', caused(`params: ${HELD}`, new Error('Duplicate entry'))],
  ['a value in the message of a driver', marked(new Error(`sql: ${HELD}`), 'Duplicate entry')],
  ['an error that is its own cause, which ends all the same', withItself(new Error(HELD))],
  ['an error that a program throws itself', new Error(HELD)],
  ['one that it makes of another one of its own', caused(HELD, new Error(HELD))],
  ['one with a code of the system', Object.assign(new Error(HELD), { errno: -104, code: 'ECONNRESET' })],
  ['one with a text that no driver has marked', Object.assign(new Error(HELD), { sqlMessage: HELD, code: 'MINE' })],
  [
    'a value in the message of a driver that has a mark, with one below it that has the text',
    Object.assign(caused(HELD, ofDriver('Duplicate entry')), { errno: 1062, sqlState: '23000' }),
  ],
  ['a value of Prisma’s adapter', caused(HELD, { originalCode: '1062', originalMessage: 'Duplicate entry' })],
  ['a text of megabytes', ofDriver(`${HELD.replace(' (statement_held)', '')} `.repeat(10_000))],
])('finds none in %s', (_, error) => {
  expect(heldStatement(error)).toBeUndefined();
});

it('tells what the broker said, and nothing of what stands before it', () => {
  const error = ofDriver(`delete from \`orders\` - ${sentenceOf('statement_denied', 'The policy "x" forbids it.')}`);
  expect(statementRefusal(error)).toEqual({
    code: 'statement_denied',
    message: sentenceOf('statement_denied', 'The policy "x" forbids it.'),
  });
});

it('ends at an error that is its own cause', () => {
  const error = new Error('round');
  error.cause = error;
  expect(statementRefusal(error)).toBeUndefined();
});
