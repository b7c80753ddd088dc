import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sponsor } from '../../../domain/identity/sign-in.js';
import { systemClock } from '../../../kernel/clock.js';
import type { MysqlFields, ResultPart } from '../../../protocols/mysql/recorded/bodies.js';
import { sealRecording } from '../../../recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../../recording/seal/signer.js';
import {
  grantClosed,
  grantOpened,
  inScratch,
  pack,
  sessionClosed,
  sessionOpened,
  statement,
  unpack,
} from '../../../recording/testing/recordings.js';
import { entriesOf, withEntries } from '../../../recording/testing/sealed-members.js';
import { RecordingWriter } from '../../../recording/write/writer.js';
import { capturedResponse } from '../../../protocols/mysql/wire/response/captured-responses.fixture.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import { PROTOCOLS } from '../../protocols.js';
import { runVerify } from '../verify-work.js';
import { runReplay } from './replay-work.js';

const OPTIONS = { format: 'entries', rows: 20, pace: 'none' };

interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function replay(file: string, options: object = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const exitCode = await runReplay(
    file,
    { ...OPTIONS, ...options },
    {
      out: async (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
  );
  return { exitCode, out, err };
}

/** A recording of an execution with a cursor, and of two fetches from it with another execution between them. */
async function recordFetches(directory: string, eof = 'without EOF'): Promise<string> {
  const live = join(directory, '01JTEST');
  const writer = await RecordingWriter.create({ directory: live, clock: systemClock, durability: 'process' });
  const capture = writer.captureResponse();
  const answered = (entry: MysqlFields, command: string, name: string, results: readonly ResultPart[]): void => {
    writer.append(entry);
    capture.take(capturedResponse(name).bytes);
    const common = { type: 'result', session: 1, outcome: 'ok', durationUs: 10, body: { results } } as const;
    const answers = entry.type === 'operation' ? { operation: entry.operation } : {};
    writer.append({ ...common, ...answers, name: command, response: capture.finish() });
  };
  const rows = (count: number): ResultPart[] => [{ kind: 'rows', columns: 2, rows: count, warnings: 0 }];
  const execute = (number: number, prepared: number, text: string): MysqlFields => ({
    ...statement(number, text),
    name: 'COM_STMT_EXECUTE',
    body: { database: 'shop', prepared, values: [], text },
  });
  const fetch: MysqlFields = {
    type: 'note',
    session: 1,
    name: 'COM_STMT_FETCH',
    body: { argument: '1' },
  };
  writer.append(grantOpened);
  const { capabilities } = capturedResponse(`an opened cursor, ${eof}`);
  writer.append({ ...sessionOpened, body: { ...sessionOpened.body, capabilities } });
  answered(execute(3, 1, 'SELECT v, id FROM t'), 'COM_STMT_EXECUTE', `an opened cursor, ${eof}`, rows(0));
  answered(fetch, 'COM_STMT_FETCH', `fetched rows, ${eof}`, rows(2));
  answered(execute(4, 2, 'SELECT id FROM t'), 'COM_STMT_EXECUTE', `binary rows, ${eof}`, rows(2));
  answered(fetch, 'COM_STMT_FETCH', `the last fetched row, ${eof}`, rows(1));
  writer.append(sessionClosed);
  writer.append(grantClosed());
  await writer.close();
  return sealed(directory);
}

/** A recording in which somebody answers for the agent. */
async function recordSponsored(directory: string, sponsor: Sponsor): Promise<string> {
  const live = join(directory, '01JTEST');
  const writer = await RecordingWriter.create({ directory: live, clock: systemClock, durability: 'process' });
  writer.append({ ...grantOpened, sponsor });
  writer.append(grantClosed());
  await writer.close();
  return sealed(directory);
}

async function sealed(directory: string): Promise<string> {
  const out = join(directory, '01JTEST.tar');
  await sealRecording({
    grant: '01JTEST',
    directory: join(directory, '01JTEST'),
    out,
    signer: await jwkSigner(await generateSealKey()),
    protocols: recordedBy(PROTOCOLS),
    clock: systemClock,
  });
  return out;
}

/** Rows of the two columns as the transcript shows them. */
function table(...rows: readonly (readonly [string, string])[]): string {
  const line = '+----+---+';
  return [line, '| id | v |', line, ...rows.map(([id, v]) => `| ${id}  | ${v} |`), line, ''].join('\n    ');
}

describe('doorwarden replay', () => {
  it('exits 0 and shows the statements of a whole recording', async () => {
    await inScratch(async (directory) => {
      const { exitCode, out, err } = await replay(await recordFetches(directory));
      expect([exitCode, err]).toEqual([0, '']);
      expect(out).toContain('SELECT v, id FROM t');
      expect(out).toContain('grant closed: completed');
    });
  });

  it.each(['without EOF', 'with EOF'])(
    'shows fetched rows with the columns of the execution they belong to, %s',
    async (eof) => {
      await inScratch(async (directory) => {
        const file = await recordFetches(directory, eof);
        const { out } = await replay(file);
        expect(out.slice(out.indexOf('answer to COM_STMT_FETCH'))).toContain(table(['1', 'z'], ['2', 'b']));
        expect(out.slice(out.lastIndexOf('answer to COM_STMT_FETCH'))).toContain(table(['3', 'c']));
        // The columns are known even when the execution itself is not shown.
        expect((await replay(file, { from: 10 })).out).toContain(table(['3', 'c']));
      });
    },
  );

  it.each([
    { sponsor: { name: 'ann@example.com', isClaim: true }, text: 'ann@example.com (as its token claims)' },
    { sponsor: { name: 'ann', isClaim: false }, text: 'ann' },
  ])('says who answers for the agent, and whether its token alone says so: $text', async ({ sponsor, text }) => {
    await inScratch(async (directory) => {
      const file = await recordSponsored(directory, sponsor);
      const { exitCode, out } = await replay(file);
      expect([exitCode, out]).toEqual([0, expect.stringContaining(`    sponsor:   ${text}\n`)]);
      expect((await replay(file, { summary: true })).out).toContain(`sponsor   ${text}\n`);
      expect((await replay(file, { format: 'json' })).out).toContain(`"sponsor":${JSON.stringify(sponsor)}`);
    });
  });

  it('shows only the entries and the form that were asked for', async () => {
    await inScratch(async (directory) => {
      const file = await recordFetches(directory);
      const lines = (await replay(file, { format: 'json', from: 3, to: 4 })).out.trim().split('\n');
      expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ seq: 3 }, { seq: 4 }]);
      expect((await replay(file, { format: 'sql' })).out).toContain('-- SELECT v, id FROM t\n');
    });
  });

  it('exits 1 for a tampered recording, names the first bad entry, and shows what is there', async () => {
    await inScratch(async (directory) => {
      const members = await unpack(await recordFetches(directory));
      const entries = (await entriesOf(members)).replace('SELECT v, id FROM t', 'SELECT v, id FROM x');
      const tampered = join(directory, 'tampered.tar');
      await writeFile(tampered, pack(await withEntries(members, entries)));
      const { exitCode, out, err } = await replay(tampered);
      expect(exitCode).toBe(1);
      expect(err).toContain('This recording does NOT verify: entry 3: It was changed');
      expect(out).toContain('SELECT v, id FROM x');
    });
  });

  it('shows what all protocols have in common of a recording whose protocol it does not know, and says so', async () => {
    await inScratch(async (directory) => {
      const live = join(directory, '01JTEST');
      const writer = await RecordingWriter.create({ directory: live, clock: systemClock, durability: 'process' });
      const target = { ...grantOpened.target, protocol: 'echo' };
      const judged = { verdict: 'allow', policies: [], shape: null } as const;
      const { body: _, ...session } = sessionOpened;
      writer.append({ ...grantOpened, target, body: { rooms: ['a'] } });
      writer.append(session);
      writer.append({
        type: 'operation',
        session: 1,
        operation: 1,
        name: 'SHOUT',
        ...judged,
        body: { said: 'secret' },
      });
      writer.append({ type: 'result', session: 1, operation: 1, name: 'SHOUT', outcome: 'ok', durationUs: 3 });
      writer.append(sessionClosed);
      writer.append({ type: 'grant.closed', reason: 'completed', interrupted: false, account: { state: 'none' } });
      await writer.close();
      const out = join(directory, '01JTEST.tar');
      const signer = await jwkSigner(await generateSealKey());
      const protocols = recordedBy(PROTOCOLS);
      await sealRecording({ grant: '01JTEST', directory: live, out, signer, protocols, clock: systemClock });
      const told = await replay(out);
      expect(told).toMatchObject({ exitCode: 0, err: expect.stringContaining('does not know the protocol echo') });
      expect(told.out).toContain('#3  operation  {"session":1,"operation":1,"name":"SHOUT","verdict":"allow"');
      expect(told.out).not.toContain('secret');
      let verified = '';
      const terminal = { out: (text: string) => void (verified += text), err: () => undefined, errIsTerminal: false };
      expect(await runVerify(out, {}, terminal)).toBe(0);
      expect(verified).toContain('Bodies of echo were not checked');
      const lines = (await replay(out, { format: 'json', from: 3, to: 3 })).out;
      expect(JSON.parse(lines)).toMatchObject({ seq: 3, body: { said: 'secret' } });
    });
  });

  it('exits 1 for a file that is no recording and 2 for one that cannot be read', async () => {
    await inScratch(async (directory) => {
      const path = join(directory, 'notes.tar');
      await writeFile(path, 'This is no archive.\n');
      expect(await replay(path)).toMatchObject({ exitCode: 1, out: '', err: expect.stringContaining('NOT verify') });
      const missing = await replay(join(directory, 'missing.tar'));
      expect(missing).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('ENOENT') });
    });
  });
});
