import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHAIN_START, chainHash } from '../chain/chain.js';
import {
  RECORDED,
  grantClosed,
  grantOpened,
  inScratch,
  result,
  sessionClosed,
  sessionOpened,
  statement,
} from '../testing/recordings.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { checkLiveRecording } from './live-check.js';

const AT = '2026-01-31T12:00:00.000001Z';
const RESPONSE = { bytes: 0, kept: 0, sha256: chainHash(''), segment: 0, offset: 0 };

/** What stands after the chain fields of a line, as the writer writes it. */
const WHOLE = [
  grantOpened,
  sessionOpened,
  statement(1),
  result(1, RESPONSE),
  sessionClosed,
  { type: 'grant.closing', reason: 'completed', by: null },
  grantClosed(),
].map((body) => JSON.stringify(body).slice(1, -1));

/** What the check says of a recording of these lines, which are chained as they are. */
async function problemOf(bodies: readonly string[], head = headOf): Promise<string> {
  return inScratch(async (root) => {
    const directory = join(root, 'live');
    await mkdir(directory);
    let prev = CHAIN_START;
    const lines = bodies.map((body, index) => {
      const line = `${head(index + 1, prev)}${body}}`;
      prev = chainHash(line);
      return `${line}\n`;
    });
    await writeFile(join(directory, 'entries.jsonl'), lines.join(''));
    const [said, saidInPlace] = await Promise.all(
      [NO_PROTOCOLS, RECORDED].map(async (protocols) => {
        const checked = await checkLiveRecording(directory, protocols);
        return 'problem' in checked ? `${checked.problem.where}: ${checked.problem.what}` : 'none';
      }),
    );
    // Lines that are read in place are judged as all others are.
    expect(saidInPlace).toBe(said);
    return said ?? '';
  });
}

function headOf(seq: number, prev: string): string {
  return `{"seq":${seq},"prev":"${prev}","at":"${AT}","mono":${seq},`;
}

/** The recording with one line of another text. */
function withLine(index: number, change: (body: string) => string): readonly string[] {
  return WHOLE.with(index, change(WHOLE[index] ?? ''));
}

describe('the form of lines', () => {
  it('is that of the writer', async () => {
    expect(await problemOf(WHOLE)).toBe('none');
  });

  it.each([
    ['a name twice', (body: string) => `${body},"session":1`],
    ['white space between', (body: string) => body.replace(':1', ': 1')],
    ['a number with a point that says nothing', (body: string) => body.replace('"session":1', '"session":1.0')],
    ['a number with an exponent', (body: string) => body.replace('"port":40000', '"port":4e4')],
    ['a letter escaped that need not be', (body: string) => body.replace('shop', String.raw`sh\u006fp`)],
    ['a slash escaped', (body: string) => body.replace('shop', String.raw`sh\/op`)],
  ])('is refused with %s', async (_, change) => {
    expect(await problemOf(withLine(1, change))).toMatch(/^entry 2: Its line is not in the one form/);
  });

  it('begins with seq, prev and at, in this order', async () => {
    const other = (seq: number, prev: string) => `{"prev":"${prev}","seq":${seq},"at":"${AT}","mono":${seq},`;
    expect(await problemOf(WHOLE, other)).toBe('entry 1: Its line does not begin with its seq, its prev and its at.');
  });

  it('knows its numbers, names and times', async () => {
    for (const [index, change] of [
      [1, (body: string) => body.replace('"session":1', '"session":0')],
      [1, (body: string) => body.replace('"session":1', '"session":1.5')],
      [1, (body: string) => body.replace('"session":1', '"session":9007199254740993')],
      [2, (body: string) => body.replace('"verdict":"allow"', '"verdict":"maybe"')],
      [2, (body: string) => `${body},"unknown":1`],
      [2, (body: string) => body.replace('"policies":["allow-everything"]', '"policies":"allow-everything"')],
      [3, (body: string) => body.replace('"durationUs":120', '"durationUs":-1')],
      [0, (body: string) => body.replace('12:00:00.000000Z', '12:00:00Z')],
      [6, (body: string) => body.replace('"state":"gone"', '"state":"here"')],
    ] as const) {
      const bodies = withLine(index, change);
      expect(bodies[index]).not.toBe(WHOLE[index]);
      expect(await problemOf(bodies), bodies[index]).toMatch(new RegExp(`^entry ${index + 1}: Its line does not fit`));
    }
  });
});

describe('the order of entries', () => {
  it('takes statements after grant.closing, and a statement that never got a result', async () => {
    const [opened = '', session = '', first = '', answer = '', closed = '', closing = '', end = ''] = WHOLE;
    expect(await problemOf([opened, session, closing, first, answer, closed, end])).toBe('none');
    expect(await problemOf([opened, session, first, closed, closing, end])).toBe('none');
  });

  it.each([
    ['a session number that comes again', [0, 1, 4, 1, 4, 5, 6], 'entry 4: Session 1 was opened already.'],
    ['a statement number that comes again', [0, 1, 2, 3, 2, 4, 5, 6], 'entry 5: Operation 1 was there already.'],
    [
      'a second result',
      [0, 1, 2, 3, 3, 4, 5, 6],
      'entry 5: Operation 1 is not one of session 1, or it has a result already.',
    ],
    ['a statement outside of its session', [0, 1, 4, 2, 5, 6], 'entry 4: Session 1 is not open here.'],
    [
      'an entry after grant.closed',
      [0, 5, 6, 5],
      'entry 4: It follows grant.closed, which is the last entry of a recording.',
    ],
    ['no grant.opened', [1, 4, 5, 6], 'entry 1: Its line is not that of grant.opened, the first.'],
    ['no grant.closed', [0, 1, 4, 5], 'entry 5: The recording does not end with grant.closed.'],
  ])('refuses %s', async (_, order, said) => {
    expect(await problemOf(order.map((index) => WHOLE[index] ?? ''))).toBe(said);
  });

  it('refuses a mono that goes back, however little', async () => {
    const back = (seq: number, prev: string) =>
      headOf(seq, prev).replace(/"mono":\d+/, `"mono":${seq === 3 ? 1.9999 : seq}`);
    expect(await problemOf(WHOLE, back)).toBe('entry 3: Its mono is less than that of the entry before.');
    const fine = (seq: number, prev: string) =>
      headOf(seq, prev).replace(/"mono":\d+/, `"mono":${seq === 3 ? 2.0001 : seq}`);
    expect(await problemOf(WHOLE, fine)).toBe('none');
  });
});
