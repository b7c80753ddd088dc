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

it.each([
  ['mysql2', Object.assign(new Error(HELD), { sqlMessage: HELD })],
  ['a driver that puts the number before it', new Error(`(conn:4, no: 1105, SQLState: HY000) ${HELD}`)],
  ['a mapper that puts the statement before it', new Error(`update \`orders\` set \`total\` = 1 - ${HELD}`)],
  [
    'a mapper that keeps the driver’s error as cause',
    caused('Failed query: update …', caused('driver', new Error(HELD))),
  ],
  ['an adapter with fields of its own', caused('Raw query failed', { kind: 'mysql', originalMessage: HELD })],
  [
    'a mapper that quotes it, and keeps the adapter’s error aside',
    Object.assign(new Error(`Database error. Message: \`${HELD}\``), {
      meta: { modelName: 'Order', driverAdapterError: caused('Raw', { kind: 'mysql', originalMessage: HELD }) },
    }),
  ],
  ['a mapper that keeps beside it what says nothing', Object.assign(new Error(HELD), { meta: { modelName: 'Order' } })],
])('finds the hold in an error of %s', (_, error) => {
  expect(heldStatement(error)).toEqual({ approval: ID, expiresAt: UNTIL });
});

it.each([
  ['no error', undefined],
  ['text', HELD],
  ['another error', new Error('Duplicate entry (23000)')],
  ['an error of the target that quotes the words', new Error(`You have an error near '${HELD}' at line 1`)],
  ['another refusal', new Error(sentenceOf('statement_denied'))],
  ['a text of the target that was taken for the broker’s', new Error(HELD.replace('Doorwarden', 'The target'))],
  ['a look-alike in other letters', new Error(HELD.replace('Doorwarden', 'doorwarden'))],
  ['a look-alike with a letter that nobody sees', new Error(HELD.replace('Doorwarden:', 'Doorwarden\u200b:'))],
  ['a name that only ends in it', new Error(`x${HELD}`)],
  [
    'a value at the end of what a mapper says, with the driver’s own error below it',
    caused(
      `Failed query: insert into notes\nparams: ${HELD}`,
      Object.assign(new Error(`insert - Duplicate entry`), { sqlMessage: 'Duplicate entry' }),
    ),
  ],
  ['a value at the end of what a mapper says of any error', caused(`params: ${HELD}`, new Error('Duplicate entry'))],
  ['a value in the message of a driver', Object.assign(new Error(`sql: ${HELD}`), { sqlMessage: 'Duplicate entry' })],
  ['an error that is its own cause, which ends all the same', withItself(new Error(HELD))],
])('finds none in %s', (_, error) => {
  expect(heldStatement(error)).toBeUndefined();
});

it('tells what the broker said, and nothing of what stands before it', () => {
  const error = new Error(`delete from \`orders\` - ${sentenceOf('statement_denied', 'The policy "x" forbids it.')}`);
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
