import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../../kernel/clock.js';
import { recordedBy } from '../../../protocol/target-protocol.js';
import type { TypedEntry } from '../../../recording/entries/entries.js';
import {
  recordedProtocols,
  type RecordedProtocol,
  type RecordedProtocols,
} from '../../../recording/recorded-protocol.js';
import { sealRecording } from '../../../recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../../recording/seal/signer.js';
import {
  grantOpened,
  inScratch,
  sealFixture,
  sessionClosed,
  sessionOpened,
} from '../../../recording/testing/recordings.js';
import { RecordingWriter } from '../../../recording/write/writer.js';
import { PROTOCOLS } from '../../protocols.js';
import { runReplay } from './replay-work.js';

const pull = z.strictObject({ metres: z.int() });
const metresOf = (entry: TypedEntry<'operation'>): number => pull.parse(entry.body).metres;

/** What speaks to kites: nobody but this test. Its sessions have several operations under way. */
const KITE: RecordedProtocol = {
  name: 'kite',
  inFlight: 'many',
  bodies: {
    'grant.opened': z.strictObject({ winds: z.array(z.string()) }),
    operation: pull,
    note: z.strictObject({ from: z.string() }),
    forwarded: z.strictObject({ knotsMax: z.int() }).optional(),
  },
  replay: {
    nouns: { operation: 'pull', changed: 'line' },
    formats: { heights: (replayed) => (replayed.kind === 'operation' ? `${metresOf(replayed.entry)} m\n` : '') },
    versionText: (version) => `generation ${version}`,
    teller: () => ({
      follow: () => undefined,
      isNeededLater: () => false,
      operation(entry) {
        const metres = metresOf(entry);
        return {
          lines: (wording) => [wording === 'plain' ? `pull by ${metres} m` : `${entry.name} metres=${metres}`],
          title: () => 'PULL',
          oneLine: () => `${metres} m`,
          asked: () => ({ text: `${metres}`, place: null, values: [], rowsOfValues: undefined }),
          words: () => [`${metres} metres`],
          effect: () => (metres === 0 ? 'read' : 'change'),
          driverNoise: () => (metres === 0 ? 'feeling the line' : undefined),
        };
      },
      note: ({ name }) => ({ title: () => `${name} of wind`, driverNoise: () => undefined }),
      result: ({ outcome }, response) => ({
        cameTo: outcome === 'ok' ? 'flies' : 'fell',
        rows: 0,
        error: undefined,
        changed: outcome === 'ok' && response !== undefined ? 1 : 0,
        mayBeDoneInPart: true,
        decoded: Buffer.isBuffer(response) ? { said: response.toString() } : undefined,
        lines: () => (Buffer.isBuffer(response) ? [`it said ${response.toString()}`] : []),
        words: () => [],
      }),
      body: (entry) => ({
        lines: () => (entry.type === 'forwarded' && entry.body !== undefined ? ['in a bounded wind'] : []),
      }),
    }),
  },
};

const { replay: _, ...WORDLESS } = KITE;
const LISTED = recordedProtocols([...recordedBy(PROTOCOLS).values(), KITE]);
const LISTED_WORDLESS = recordedProtocols([...recordedBy(PROTOCOLS).values(), WORDLESS]);

async function replay(file: string, options: object, protocols: RecordedProtocols = LISTED) {
  let [out, err] = ['', ''];
  const output = {
    out: async (text: string): Promise<void> => void (out += text),
    err: (text: string): void => void (err += text),
  };
  const exitCode = await runReplay(file, { format: 'text', rows: 20, pace: 'none', ...options }, output, protocols);
  // Times are the machine's.
  const lines = out
    .trimEnd()
    .replaceAll(/\+\d+\.\d{6}s/g, '+T')
    .split('\n');
  return { exitCode, err, out, lines: lines.filter((line) => !line.startsWith('    time: ')) };
}

/** Two pulls under way at once, of which one is held, then one that is denied, and one that clients send by themselves. */
async function recordKite(directory: string): Promise<string> {
  const live = join(directory, '01JTEST');
  const writer = await RecordingWriter.create({ directory: live, clock: systemClock, durability: 'process' });
  const capture = writer.captureResponse();
  const target = { ...grantOpened.target, protocol: 'kite', flavour: 'box', version: '3' };
  const of = (operation: number) => ({ session: 1, operation });
  const begin = (operation: number, metres: number, verdict: 'allow' | 'hold' | 'deny'): void => {
    const fields = { type: 'operation', ...of(operation), name: 'PULL', verdict, policies: [], shape: null } as const;
    writer.append({ ...fields, body: { metres } });
  };
  const answer = (operation: number, outcome: 'ok' | 'error', said?: string): void => {
    const fields = { type: 'result', ...of(operation), name: 'PULL', outcome, durationUs: 3 } as const;
    if (said !== undefined) capture.take(Buffer.from(said));
    writer.append(said === undefined ? fields : { ...fields, response: capture.finish() });
  };
  const { body: _, ...session } = sessionOpened;
  const expires = '2026-01-31T12:00:00.000000Z';
  writer.append({ ...grantOpened, target, body: { winds: ['north'] } });
  writer.append(session);
  begin(1, 90, 'hold');
  writer.append({ type: 'approval.asked', ...of(1), approval: 'A', approvers: [], quorum: 1, expires, again: false });
  begin(2, 10, 'allow');
  writer.append({ type: 'note', session: 1, name: 'GUST', body: { from: 'north' } });
  writer.append({ type: 'approval.decided', ...of(1), approval: 'A', outcome: 'approved', decisions: [] });
  writer.append({ type: 'forwarded', ...of(1), approval: 'A', given: ['LINE ON box'], body: { knotsMax: 5 } });
  answer(2, 'ok', 'up');
  answer(1, 'error', 'oh');
  begin(3, 500, 'deny');
  answer(3, 'error');
  begin(4, 0, 'allow');
  answer(4, 'ok');
  writer.append(sessionClosed);
  writer.append({ type: 'grant.closed', reason: 'completed', interrupted: false, account: { state: 'none' } });
  await writer.close();
  const out = join(directory, '01JTEST.tar');
  const signer = await jwkSigner(await generateSealKey());
  await sealRecording({ grant: '01JTEST', directory: live, out, signer, protocols: LISTED, clock: systemClock });
  return out;
}

const FIRST = ['+T  session 1  pull 1: held, approved, fell', '    pull by 90 m'];
const SECOND = ['+T  session 1  pull 2: flies', '    pull by 10 m', '    it said up'];
const THIRD = ['+T  session 1  pull 3: denied by policy, not run', '    pull by 500 m'];

describe('a recording of a listed protocol', () => {
  it('is told in its own words, in the order in which its operations were answered', async () => {
    await inScratch(async (directory) => {
      const { exitCode, err, lines } = await replay(await recordKite(directory), {});
      expect([exitCode, err]).toEqual([0, '']);
      expect(lines.slice(lines.findIndex((line) => line.includes('session 1 opened')) + 1)).toEqual([
        '+T  session 1  GUST of wind',
        ...SECOND,
        ...FIRST,
        '    asked: any approver, one must approve (approval A)',
        '    was given for it alone: LINE ON box',
        '    in a bounded wind',
        '    it said oh',
        ...THIRD,
        "+T  session 1  1 of its driver's own: feeling the line",
        '+T  session 1 closed: its client said goodbye',
        '+T  grant closed: completed; task account: none',
      ]);
    });
  });

  it('has the filters of every protocol', async () => {
    await inScratch(async (directory) => {
      const file = await recordKite(directory);
      const heads = async (options: object): Promise<readonly string[]> =>
        (await replay(file, options)).lines.filter((line) => line.startsWith('+T'));
      expect(await heads({ changes: true })).toEqual([SECOND[0], FIRST[0]]);
      expect(await heads({ denied: true })).toEqual([THIRD[0]]);
      expect(await heads({ grep: '^90 METRES$' })).toEqual([FIRST[0]]);
    });
  });

  it('is summed up with its own nouns', async () => {
    await inScratch(async (directory) => {
      const { lines } = await replay(await recordKite(directory), { summary: true });
      expect(lines).toEqual(
        expect.arrayContaining([
          'target    shop, box generation 3',
          'count     3 pulls',
          "count     1 of the drivers' own",
          'changed   1 line, by 2 pulls',
          '  +T  session 1  pull 2: flies  PULL  10 m',
          '  +T  session 1  pull 3: denied by policy, not run  PULL  500 m',
        ]),
      );
    });
  });

  it('is shown entry by entry, as JSON, and in the formats that it has', async () => {
    await inScratch(async (directory) => {
      const file = await recordKite(directory);
      expect((await replay(file, { format: 'entries', from: 5, to: 5 })).lines).toEqual([
        '+T  #5  session 1  pull 2  PULL  allow',
        '    PULL metres=10',
      ]);
      const json: unknown = JSON.parse((await replay(file, { format: 'json', from: 9, to: 9 })).out);
      expect(json).toMatchObject({ seq: 9, type: 'result', decoded: { said: 'up' } });
      expect((await replay(file, { format: 'heights' })).out).toBe('90 m\n10 m\n500 m\n0 m\n');
      expect(await replay(file, { format: 'sql' })).toMatchObject({
        exitCode: 2,
        out: '',
        err: 'doorwarden replay: Recordings of kite have no format sql. Give one of these: text, entries, json, heights.\n',
      });
    });
  });

  it('is shown without its bodies where the protocol has no words for them, and that is said', async () => {
    await inScratch(async (directory) => {
      const { exitCode, err, out } = await replay(await recordKite(directory), {}, LISTED_WORDLESS);
      expect(exitCode).toBe(0);
      expect(err).toBe('This version has no words for the protocol kite: it shows entries without their bodies.\n');
      expect(out).toContain('#5  operation  {"session":1,"operation":2,"name":"PULL","verdict":"allow"');
      expect(out).not.toContain('metres');
    });
  });

  it('changes nothing for those of another', async () => {
    await inScratch(async (directory) => {
      const { path } = await sealFixture(directory, { statements: 1, responseBytes: 0 });
      expect((await replay(path, { format: 'sql' })).out).toContain('\nSELECT 1\n;\n');
      expect((await replay(path, { format: 'heights' })).exitCode).toBe(2);
    });
  });
});
