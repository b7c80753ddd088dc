import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { chainHash } from '../chain/chain.js';
import type { EntryFields } from '../entries/entries.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { DirectoryRecordingStore } from '../stores/directory.js';
import {
  grantClosed,
  grantOpened,
  inScratch,
  result,
  sessionClosed,
  sessionOpened,
  statement,
} from '../testing/recordings.js';
import type { EntrySource } from '../verify/reader.js';
import { RecordingWriter } from '../write/writer.js';
import { findOperation } from './find-operation.js';
import type { OpenRecording } from './open-recording.js';
import { readerOf } from './raw-lines.js';
import { sessionOpening } from './session-opening.js';
import { lookAtStatement } from './statement.js';

async function withRecording(
  entries: readonly EntryFields[],
  use: (recording: OpenRecording) => Promise<void>,
): Promise<void> {
  await inScratch(async (root) => {
    const store = new DirectoryRecordingStore(root);
    const directory = store.liveDirectory('01JTEST');
    const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
    const capture = writer.captureResponse();
    for (const entry of entries) {
      if (entry.type === 'result' && entry.response !== undefined) {
        capture.take(Buffer.from(`answer ${entry.operation}`));
        writer.append({ ...entry, response: capture.finish() });
      } else writer.append(entry);
    }
    await writer.close();
    await use(await store.openLive('01JTEST'));
  });
}

async function opened(lines: EntrySource) {
  const open = await readerOf(lines, NO_PROTOCOLS);
  if (open === undefined) throw new Error('The recording is empty.');
  return open.reader;
}

const EMPTY = { bytes: 0, kept: 0, sha256: '', segment: 0, offset: 0 };
const ping: EntryFields = { type: 'note', session: 1, name: 'COM_PING' };

describe('a statement of a recording', () => {
  it('is found by its number wherever it stands, and is not where there is none', async () => {
    const entries: EntryFields[] = [grantOpened, sessionOpened];
    const numbers: number[] = [];
    for (let number = 1; number <= 9_000; number += 1) {
      if (number % 1_000 === 7) continue; // it was too large to be recorded
      numbers.push(number);
      entries.push(statement(number));
      // Some parts have many entries between their operations, others none.
      const between = number < 3_000 ? 0 : number === 4_000 ? 3_000 : 1;
      for (let count = 0; count < between; count += 1) entries.push(ping);
    }
    await withRecording([...entries, grantClosed()], async ({ lines }) => {
      const reader = await opened(lines);
      const found = async (number: number) => (await findOperation(lines, reader, number))?.entry.operation;
      for (const number of [1, 2, 2_999, 3_000, 3_999, 4_000, 4_001, 4_002, 8_999, 9_000]) {
        expect(await found(number), String(number)).toBe(number);
      }
      for (const number of [7, 4_007, 9_001, 1_000_000]) expect(await found(number), String(number)).toBeUndefined();
    });
  });

  it('has what people decided, what it was given, its result, and a place in the chain', async () => {
    const expires = '2026-01-31T12:00:00.000000Z';
    const about = { session: 1, operation: 1 };
    const other = { ...statement(2), session: 2 };
    await withRecording(
      [
        grantOpened,
        sessionOpened,
        { ...sessionOpened, session: 2 },
        { ...statement(1), verdict: 'hold' },
        { type: 'approval.asked', ...about, approval: 'a', approvers: ['dba'], quorum: 1, expires, again: false },
        other,
        { type: 'approval.decided', ...about, approval: 'a', outcome: 'approved', decisions: [], scope: 'once' },
        { type: 'forwarded', ...about, approval: 'a', given: ['UPDATE ON shop.orders'] },
        result(1, EMPTY),
      ],
      async ({ lines, ...recording }) => {
        const reader = await opened(lines);
        const look = await lookAtStatement(lines, reader, { number: 1, isLive: true, hasOneInFlight: true });
        expect(look).toMatchObject({
          operation: { entry: { seq: 4, verdict: 'hold' } },
          asked: { seq: 5, approvers: ['dba'] },
          decided: { seq: 7, outcome: 'approved' },
          forwarded: { seq: 8, given: ['UPDATE ON shop.orders'] },
          result: { seq: 9, outcome: 'ok' },
          noResult: null,
          chain: { after: true },
        });
        expect(look?.chain.before).toBe(look?.chain.prev);
        expect(look?.chain.digest).toBe(chainHash(JSON.stringify(look?.operation.written)));
        const response = look?.result?.response;
        expect(response && String(await recording.bytes(response))).toBe('answer 1');
        expect(response && (await recording.bytes({ ...response, sha256: '0'.repeat(64) }))).toBe('altered');
        expect(response && (await recording.bytes({ ...response, segment: 7 }))).toBe('bytes-missing');
        expect(response && (await recording.bytes({ ...response, kept: 2 ** 40 }))).toBe('too-large');
      },
    );
  });

  it.each([
    ['denied', [{ ...statement(1), verdict: 'deny' as const }, sessionClosed], true],
    ['waits', [{ ...statement(1), verdict: 'hold' as const }], true],
    ['not-forwarded', [{ ...statement(1), verdict: 'hold' as const }, sessionClosed], true],
    ['runs', [statement(1)], true],
    ['not-recorded', [statement(1)], false],
    ['not-recorded', [statement(1), sessionClosed], true],
    ['not-recorded', [statement(1), ping], true],
  ] as const)('says why it has no result: %s', async (noResult, entries, isLive) => {
    await withRecording([grantOpened, sessionOpened, ...entries], async ({ lines }) => {
      const look = await lookAtStatement(lines, await opened(lines), { number: 1, isLive, hasOneInFlight: true });
      expect(look).toMatchObject({ noResult, result: undefined });
    });
  });

  it('knows how its session was opened, where the index says it and where it does not', async () => {
    const second = { ...sessionOpened, session: 2 };
    await withRecording([grantOpened, sessionOpened, second, { ...statement(1), session: 2 }], async ({ lines }) => {
      const reader = await opened(lines);
      for (const at of [3, 2, undefined]) {
        expect(await sessionOpening(lines, reader, { session: 2, before: 4, at })).toMatchObject({
          seq: 3,
          session: 2,
        });
      }
      expect(await sessionOpening(lines, reader, { session: 9, before: 4, at: 3 })).toBeUndefined();
    });
  });
});
