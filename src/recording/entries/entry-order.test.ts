import { describe, expect, it } from 'vitest';
import type { Entry, EntryFields } from './entries.js';
import { NO_PROTOCOLS, recordedProtocols } from '../recorded-protocol.js';
import { EntryOrder } from './entry-order.js';
import { grantClosed, grantOpened, result, sessionClosed, sessionOpened, statement } from '../testing/recordings.js';

const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const answer = (number: number, response = { bytes: 0, kept: 0, sha256, segment: 0, offset: 0 }): EntryFields =>
  result(number, response);

const oneInFlight = recordedProtocols([{ name: 'mysql', inFlight: 'one', bodies: {} }]);

/** The number of the first entry that is out of order, and why. */
function firstWrong(bodies: readonly EntryFields[], protocols = oneInFlight): string | undefined {
  const order = new EntryOrder(protocols);
  for (const [index, body] of bodies.entries()) {
    const chain = { seq: index + 1, prev: '', at: '2026-01-31T12:00:00.000000Z', mono: index };
    const entry: Entry = { ...chain, ...body };
    const wrong = order.accept(entry);
    if (wrong !== undefined) return `${index + 1}: ${wrong}`;
  }
  return undefined;
}

describe('the order of entries', () => {
  const second: EntryFields = { ...sessionOpened, session: 2 };

  it.each<[string, EntryFields[], string | undefined]>([
    ['a whole grant', [sessionOpened, statement(1), answer(1), sessionClosed, grantClosed()], undefined],
    ['a statement without its answer', [sessionOpened, statement(1), statement(2), answer(2)], undefined],
    ['a missing number', [sessionOpened, statement(1), statement(3), answer(3)], undefined],
    ['sessions in any order', [second, sessionOpened], undefined],
    ['a second opening of the grant', [grantOpened], '2: The grant was opened already.'],
    ['an entry behind the end', [grantClosed(), sessionOpened], '3: It follows grant.closed'],
    ['a session opened twice', [sessionOpened, sessionClosed, sessionOpened], '4: Session 1 was opened already.'],
    ['a statement of no session', [statement(1)], '2: Session 1 is not open here.'],
    ['a statement of a closed session', [sessionOpened, sessionClosed, statement(1)], '4: Session 1 is not open here.'],
    ['a number that was there', [sessionOpened, statement(2), statement(2)], '4: Operation 2 was there already.'],
    ['a second answer', [sessionOpened, statement(1), answer(1), answer(1)], '5: Operation 1 is not the last'],
    ['an answer before its statement', [sessionOpened, answer(1), statement(1)], '3: Operation 1 is not the last'],
    ['an answer from another session', [sessionOpened, second, { ...statement(1), session: 2 }, answer(1)], '5: Oper'],
    [
      'more kept than there was',
      [sessionOpened, statement(1), answer(1, { bytes: 1, kept: 2, sha256, segment: 1, offset: 0 })],
      '4: It keeps more',
    ],
    [
      'a place for nothing',
      [sessionOpened, statement(1), answer(1, { bytes: 1, kept: 0, sha256, segment: 1, offset: 0 })],
      '4: Its bytes are kept nowhere',
    ],
    [
      'a wrong digest of nothing',
      [sessionOpened, statement(1), answer(1, { bytes: 0, kept: 0, sha256: '0'.repeat(64), segment: 0, offset: 0 })],
      '4: The digest of its empty',
    ],
  ])('judges %s', (_, bodies, wrong) => {
    const found = firstWrong([grantOpened, ...bodies]);
    if (wrong === undefined) expect(found).toBeUndefined();
    else expect(found?.startsWith(wrong)).toBe(true);
  });

  it('lets any operation be answered where sessions may have several in flight, and where nobody knows', () => {
    const manyInFlight = recordedProtocols([{ name: 'mysql', inFlight: 'many', bodies: {} }]);
    const crossed = [grantOpened, sessionOpened, statement(1), statement(2), answer(1), answer(2)];
    expect(firstWrong(crossed)).toBe('5: Operation 1 is not the last of session 1, or it has a result already.');
    for (const protocols of [manyInFlight, NO_PROTOCOLS]) {
      expect(firstWrong(crossed, protocols)).toBeUndefined();
      expect(firstWrong([...crossed, answer(1)], protocols)).toMatch(/^7: Operation 1 is not one of session 1/);
    }
  });

  it('lets a stream go on after the answer to its operation, and not before there is the operation', () => {
    const stream: EntryFields = {
      type: 'stream',
      session: 1,
      operation: 1,
      channel: 'stdout',
      direction: 'to-client',
      durationUs: 5,
      data: { bytes: 0, kept: 0, sha256, segment: 0, offset: 0 },
    };
    expect(firstWrong([grantOpened, sessionOpened, statement(1), answer(1), stream])).toBeUndefined();
    expect(firstWrong([grantOpened, sessionOpened, stream])).toBe('3: Operation 1 has not been there.');
    expect(firstWrong([grantOpened, stream])).toBe('2: Session 1 is not open here.');
    const wrong = { bytes: 1, kept: 2, sha256, segment: 1, offset: 0 };
    expect(firstWrong([grantOpened, sessionOpened, statement(1), { ...stream, data: wrong }])).toMatch(/^4: It keeps/);
  });

  it('begins with grant.opened', () => {
    expect(firstWrong([sessionOpened])).toBe('1: A recording begins with grant.opened.');
  });
});
