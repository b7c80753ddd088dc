import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../kernel/errors.js';
import { systemClock } from '../../../kernel/clock.js';
import { entryJson, entryText } from '../../../recording/replay/entry-text.js';
import { replaySealed, type ReplayOptions } from '../../../recording/replay/replay-sealed.js';
import type { ReplayedEntry } from '../../../recording/replay/teller.js';
import { SealedFile } from '../../../recording/seal/sealed-file.js';
import { sealRecording } from '../../../recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../../recording/seal/signer.js';
import {
  grantClosed,
  grantOpened,
  inScratch,
  result,
  sessionClosed,
  sessionOpened,
  statement,
} from '../../../recording/testing/recordings.js';
import { recordedProtocols } from '../../../recording/recorded-protocol.js';
import { MYSQL_REPLAY } from './mysql-replay.js';
import { MysqlTeller } from './mysql-teller.js';
import { MYSQL_RECORDED } from './recorded.js';
import type { DecodeAnswer } from './response-decoder.js';
import { RecordingWriter } from '../../../recording/write/writer.js';

const COLUMN = {
  database: '',
  table: '',
  originalTable: '',
  name: 'c',
  originalName: '',
  type: 0xfd,
  typeName: 'MYSQL_TYPE_VAR_STRING',
  collationId: 45,
  characterSet: 'utf8mb4',
  lengthMax: 1020,
  flags: 0,
  unsigned: false,
  decimals: 0,
};

/** The response is the cell itself. */
const decodeAnswer: DecodeAnswer = (response, { capabilities, command }) => {
  expect([capabilities, command]).toEqual([0xffffffff, 'COM_QUERY']);
  const text = response.toString('utf8');
  if (text === 'broken') throw new BrokerError('target_protocol_violation');
  const rows = {
    kind: 'rows',
    columns: [COLUMN],
    rows: [[text], [null]],
    rowCount: 2,
    warnings: 0,
    complete: true,
  } as const;
  return { results: [rows], error: undefined, prepared: undefined, text: undefined, complete: true };
};

const FORMATS = {
  entries: (replayed: ReplayedEntry) => entryText(replayed, MYSQL_REPLAY.nouns),
  json: entryJson,
  sql: (replayed: ReplayedEntry) => MYSQL_REPLAY.formats['sql']?.(replayed) ?? 'There is no such format',
};

async function transcript(
  exchanges: readonly { readonly text: string; readonly answer: string }[],
  format: keyof typeof FORMATS,
  options: Partial<ReplayOptions> = {},
): Promise<string> {
  return inScratch(async (directory) => {
    const live = join(directory, 'g');
    const limits = { responseBytesPerStatementMax: 200, segmentBytesMax: 300 };
    const writer = await RecordingWriter.create({ directory: live, clock: systemClock, durability: 'process', limits });
    writer.append(grantOpened);
    writer.append(sessionOpened);
    const capture = writer.captureResponse();
    for (const [index, { text, answer }] of exchanges.entries()) {
      writer.append(statement(index + 1, text));
      capture.take(Buffer.from(answer));
      writer.append(result(index + 1, capture.finish()));
    }
    writer.append(sessionClosed);
    writer.append(grantClosed());
    await writer.close();
    const out = join(directory, 'g.tar');
    await sealRecording({
      grant: '01JTEST',
      directory: live,
      out,
      signer: await jwkSigner(await generateSealKey()),
      protocols: recordedProtocols([MYSQL_RECORDED]),
      clock: systemClock,
    });
    const sealed = await SealedFile.open(out);
    if (!(sealed instanceof SealedFile)) throw new Error(sealed.problem.what);
    let shown = '';
    const teller = new MysqlTeller({ rowsMax: 10 }, decodeAnswer);
    for await (const replayed of replaySealed(sealed, { protocol: MYSQL_RECORDED, teller, ...options })) {
      shown += FORMATS[format](replayed);
    }
    await sealed.close();
    return shown;
  });
}

describe('a transcript', () => {
  it('shows statements and their results as tables, in order', async () => {
    const shown = await transcript([{ text: 'SELECT c\nFROM t', answer: 'hello' }], 'entries');
    expect(shown).toContain('    SELECT c\n    FROM t\n');
    expect(shown).toContain('    | c     |\n    +-------+\n    | hello |\n    | NULL  |\n    +-------+\n    2 rows\n');
    expect(shown.indexOf('grant 01JTEST opened')).toBeLessThan(shown.indexOf('session 1 opened'));
    expect(shown).toMatch(/\+\d+\.\d{6}s {2}#4 {2}session 1 {2}answer to statement 1: ok, 0\.120 ms/);
  });

  it('says what the recording did not keep and what it cannot show, and cuts long cells', async () => {
    const exchanges = [
      { text: 'SELECT 1', answer: 'x'.repeat(500) },
      { text: 'SELECT 2', answer: 'broken' },
    ];
    const shown = await transcript(exchanges, 'entries');
    expect(shown).toContain('(the response had 500 bytes; the recording kept the first 200)');
    expect(shown).toContain(`| ${'x'.repeat(59)}… |`);
    expect(shown).toContain('(the bytes that were kept are no response that can be shown)');
  });

  it('shows only the entries that were asked for, with their own responses', async () => {
    const exchanges = Array.from({ length: 9 }, (_, index) => ({
      text: `SELECT ${index}`,
      answer: `a${index}`.repeat(40),
    }));
    const shown = await transcript(exchanges, 'json', { from: 15, to: 16 });
    const entries = shown
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(entries).toMatchObject([
      { seq: 15, body: { text: 'SELECT 6' } },
      { seq: 16, decoded: { results: [{ rows: [['a6'.repeat(40)], [null]] }] } },
    ]);
    expect(await transcript(exchanges, 'json', { session: 2 })).not.toContain('SELECT 0');
  });

  it('makes hidden characters visible wherever they come from', async () => {
    const shown = await transcript([{ text: 'SELECT \u202e\u001b[2J1', answer: 'a\u200bb\u00a0c\n' }], 'entries');
    expect(shown).toContain('SELECT ⟨U+202E⟩⟨U+001B⟩[2J1');
    expect(shown).toContain('a⟨U+200B⟩b⟨U+00A0⟩c⟨U+000A⟩');
    expect(shown).not.toContain('\u001b');
  });

  it('is SQL in which only allowed statements stand outside of comments', async () => {
    const exchanges = [
      { text: 'SELECT 1 -- one', answer: 'a' },
      { text: 'SELECT \u202e2\n; DROP TABLE t', answer: 'b' },
    ];
    const shown = await transcript(exchanges, 'sql');
    const outside = shown.split('\n').filter((line) => !line.startsWith('--'));
    expect(outside).toEqual(['SELECT 1 -- one', ';', '']);
    expect(shown).toContain('-- ; DROP TABLE t');
  });
});
