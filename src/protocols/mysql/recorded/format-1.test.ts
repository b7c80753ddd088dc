import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../kernel/clock.js';
import type { EntryType } from '../../../recording/entries/entries.js';
import { EntryReader, type ReadEntry } from '../../../recording/entries/entry-reader.js';
import { NO_PROTOCOLS, recordedProtocols } from '../../../recording/recorded-protocol.js';
import { decodeManifest } from '../../../recording/seal/manifest.js';
import { sealRecording } from '../../../recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../../recording/seal/signer.js';
import { grantOpened, inScratch, unpack } from '../../../recording/testing/recordings.js';
import { verifyRecording } from '../../../recording/verify/verify.js';
import { RecordingWriter } from '../../../recording/write/writer.js';
import { isMysqlEntry } from './body-schemas.js';
import { MYSQL_RECORDED } from './recorded.js';

const SEALED = fileURLToPath(new URL('../../../../test/fixtures/recordings/0.1.0-mysql.tar', import.meta.url));
const protocols = recordedProtocols([MYSQL_RECORDED]);
const CHAIN = { seq: 2, prev: '0'.repeat(64), at: '2026-01-31T12:00:00.000001Z', mono: 1 };

/** A reader that has read the first line of a recording of format 1. */
function readerOf1(): EntryReader {
  const { protocol: _, ...target } = grantOpened.target;
  const { body, ...opened } = grantOpened;
  const first = { ...CHAIN, seq: 1, ...opened, format: 1, target, ...body };
  const reader = new EntryReader(protocols);
  expect(reader.parse(Buffer.from(JSON.stringify(first)))).toMatchObject({
    entry: { format: 1, target: { protocol: 'mysql' }, body },
    written: first,
  });
  return reader;
}

function read(reader: EntryReader, fields: object): ReadEntry {
  const parsed = reader.parse(Buffer.from(JSON.stringify({ ...CHAIN, ...fields })));
  if (!('entry' in parsed)) throw new Error(parsed.wrong);
  return parsed;
}

const judged = { database: 'shop', verdict: 'hold', policies: ['p'], fingerprint: 'f' };
const LINES: readonly (readonly [line: object, entry: { readonly type: EntryType } & Record<string, unknown>])[] = [
  [
    {
      type: 'statement',
      session: 1,
      statement: 3,
      command: 'COM_QUERY',
      ...judged,
      why: 'It changes rows.',
      text: 'x',
    },
    {
      type: 'operation',
      session: 1,
      operation: 3,
      name: 'COM_QUERY',
      verdict: 'hold',
      policies: ['p'],
      shape: 'f',
      why: 'It changes rows.',
      body: { database: 'shop', text: 'x' },
    },
  ],
  [
    {
      type: 'statement',
      session: 1,
      statement: 4,
      command: 'COM_STMT_EXECUTE',
      ...judged,
      prepared: 3,
      values: [{ type: 'MYSQL_TYPE_BLOB', value: '/w==', encoding: 'base64' }],
      textBase64: '/w==',
      characterSet: 'latin1',
    },
    {
      type: 'operation',
      session: 1,
      operation: 4,
      name: 'COM_STMT_EXECUTE',
      verdict: 'hold',
      policies: ['p'],
      shape: 'f',
      body: {
        database: 'shop',
        prepared: 3,
        values: [{ type: 'MYSQL_TYPE_BLOB', value: '/w==', encoding: 'base64' }],
        textBase64: '/w==',
        characterSet: 'latin1',
      },
    },
  ],
  [
    { type: 'command', session: 1, command: 'COM_STMT_FETCH', argument: '3' },
    { type: 'note', session: 1, name: 'COM_STMT_FETCH', body: { argument: '3' } },
  ],
  [
    { type: 'command', session: 1, command: 'COM_PING' },
    { type: 'note', session: 1, name: 'COM_PING' },
  ],
  [
    { type: 'command.refused', session: 1, command: 'COM_DEBUG', code: 'command_refused', payloadBytes: 1, head: '0d' },
    { type: 'refused', session: 1, name: 'COM_DEBUG', code: 'command_refused', payloadBytes: 1, head: '0d' },
  ],
  [
    { type: 'forwarded', session: 1, statement: 3, approval: 'a', privileges: ['UPDATE ON shop.t'], rowsMax: 2 },
    { type: 'forwarded', session: 1, operation: 3, approval: 'a', given: ['UPDATE ON shop.t'], body: { rowsMax: 2 } },
  ],
  [
    {
      type: 'result',
      session: 1,
      statement: 3,
      command: 'COM_QUERY',
      outcome: 'error',
      results: [],
      error: { errno: 1062, sqlState: '23000', message: 'm' },
      durationUs: 1.5,
      response: { bytes: 1, kept: 0, sha256: 'a'.repeat(64), segment: 0, offset: 0 },
    },
    {
      type: 'result',
      session: 1,
      operation: 3,
      name: 'COM_QUERY',
      outcome: 'error',
      durationUs: 1.5,
      response: { bytes: 1, kept: 0, sha256: 'a'.repeat(64), segment: 0, offset: 0 },
      body: { results: [], error: { errno: 1062, sqlState: '23000', message: 'm' } },
    },
  ],
  [
    {
      type: 'grant.closed',
      reason: 'expired',
      interrupted: false,
      account: { state: 'gone', threadsKilled: 1, xaRolledBack: ['x'] },
    },
    {
      type: 'grant.closed',
      reason: 'expired',
      interrupted: false,
      account: { state: 'gone' },
      body: { threadsKilled: 1, xaRolledBack: ['x'] },
    },
  ],
];

describe('lines of format 1', () => {
  it.each(LINES)('are read as entries of today: %j', (line, entry) => {
    const found = read(readerOf1(), line);
    expect(found.entry).toEqual({ ...CHAIN, ...entry });
    expect(found.written).toEqual({ ...CHAIN, ...line });
    expect(isMysqlEntry(found.entry)).toBe(true);
  });

  it('of a recording that was sealed then have bodies that the protocol takes', async () => {
    const reader = new EntryReader(protocols);
    const lines = (await linesOf(SEALED)).map((line) => reader.parse(Buffer.from(line)));
    expect(lines).toHaveLength(45);
    expect(lines.every((line) => 'entry' in line && isMysqlEntry(line.entry))).toBe(true);
  });

  it('are no lines of format 2, nor the other way round', () => {
    const [[line, entry] = [{}, {}]] = LINES;
    const reader2 = new EntryReader(protocols);
    reader2.parse(Buffer.from(JSON.stringify({ ...CHAIN, seq: 1, ...grantOpened })));
    expect(() => read(reader2, line)).toThrow('has no known type');
    expect(() => read(readerOf1(), entry)).toThrow('has no known type');
    const result = { type: 'result', session: 1, name: 'x', outcome: 'ok', durationUs: 1 };
    expect(() => read(readerOf1(), result)).toThrow('does not fit its type result');
  });
});

describe('a recording that a gateway of format 1 left unfinished', () => {
  it.each([
    ['what was undone at the target', { threadsKilled: 2, xaRolledBack: ['x'] }],
    ['nothing of that', undefined],
  ])('is ended in format 1, with %s, and can be sealed', async (_, body) => {
    await inScratch(async (scratch) => {
      const { directory, grant } = await liveOf1(scratch);
      const writer = RecordingWriter.reopen({ directory, clock: systemClock, durability: 'disk' });
      expect(() => writer.append({ type: 'note', session: 1, name: 'COM_PING' })).toThrow('recording_unavailable');
      writer.appendClosing({ type: 'grant.closing', reason: 'failed', by: null });
      const account = { state: 'gone' } as const;
      const ended = { reason: 'failed', interrupted: true, account, ...(body === undefined ? {} : { body }) } as const;
      writer.appendClosing({ type: 'grant.closed', ...ended });
      await writer.close();
      const last: unknown = JSON.parse(
        (await readFile(join(directory, 'entries.jsonl'), 'utf8')).trim().split('\n').at(-1) ?? '',
      );
      expect(last).toMatchObject({
        type: 'grant.closed',
        account: { state: 'gone', ...(body ?? { threadsKilled: 0, xaRolledBack: [] }) },
      });
      expect(last).not.toHaveProperty('body');
      const out = join(scratch, 'sealed.tar');
      const signer = await jwkSigner(await generateSealKey());
      await sealRecording({ grant, directory, out, signer, protocols, clock: systemClock });
      expect(await verifyRecording(out, { protocols })).toMatchObject({ ok: true, grant });
      const whole = await verifyRecording(out, { protocols: NO_PROTOCOLS });
      expect(whole).not.toHaveProperty('bodiesUnchecked'); // format 1 has one protocol, which everybody knows
      const manifest = decodeManifest((await unpack(out)).get('manifest.json') ?? Buffer.alloc(0));
      expect(manifest).toMatchObject({ target: { flavour: expect.any(String) }, interrupted: true });
      expect(manifest).not.toHaveProperty('target.protocol');
    });
  });
});

async function linesOf(sealed: string): Promise<readonly string[]> {
  const entries = (await unpack(sealed)).get('entries.jsonl')?.toString('utf8') ?? '';
  return entries.trimEnd().split('\n');
}

/** The live directory of the sealed recording as it was before its end. */
async function liveOf1(scratch: string): Promise<{ readonly directory: string; readonly grant: string }> {
  const members = await unpack(SEALED);
  const manifest = decodeManifest(members.get('manifest.json') ?? Buffer.alloc(0));
  if ('wrong' in manifest) throw new Error(manifest.wrong);
  const directory = join(scratch, manifest.grant);
  await mkdir(directory);
  const lines = await linesOf(SEALED);
  const open = lines.slice(
    0,
    lines.findIndex((line) => line.includes('"type":"grant.closing"')),
  );
  await writeFile(join(directory, 'entries.jsonl'), open.map((line) => `${line}\n`).join(''));
  const segment = members.get('segments/000001.zst') ?? Buffer.alloc(0);
  await writeFile(join(directory, 'responses-000001.bin'), zstdDecompressSync(segment));
  return { directory, grant: manifest.grant };
}
