import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../kernel/clock.js';
import type { RecordingLimits } from '../entries/limits.js';
import { grantOpened, inScratch, result, sessionOpened, statement } from '../testing/recordings.js';
import { RecordingWriter, type Durability } from './writer.js';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

function create(
  directory: string,
  limits: Partial<RecordingLimits> = {},
  durability: Durability = 'process',
): Promise<RecordingWriter> {
  return RecordingWriter.create({ directory: join(directory, 'g'), clock: systemClock, durability, limits });
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function linesOf(directory: string): Promise<string[]> {
  return (await readFile(join(directory, 'g', 'entries.jsonl'), 'utf8')).split('\n').slice(0, -1);
}

describe('appending', () => {
  it('chains every line to the exact bytes of the one before', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory);
      expect(writer.append(grantOpened)).toBe(1);
      expect(writer.append(sessionOpened)).toBe(2);
      expect(writer.append(statement(1, "SELECT 'ü\u2028\ud800 \u0000'"))).toBe(3);
      await writer.close();
      const lines = await linesOf(directory);
      expect(lines).toHaveLength(3);
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({ mono: 0 });
      lines.forEach((line, index) => {
        const before = lines[index - 1];
        expect(JSON.parse(line)).toMatchObject({
          seq: index + 1,
          prev: before === undefined ? '0'.repeat(64) : sha256(before),
        });
        expect(line).toMatch(
          /^\{"seq":\d+,"prev":"[0-9a-f]{64}","at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","mono":\d+,"type":/,
        );
      });
      expect(writer.bytesWritten).toBe(Buffer.byteLength(`${lines.join('\n')}\n`));
    });
  });

  it('writes the same bytes whether usual entries are put together or made as JSON', async () => {
    const clock: Clock = { nowMs: () => 1_800_000_000_000, nowUs: () => 1_800_000_000_000_001, monotonicUs: () => 7 };
    const [bytes, json] = await Promise.all(
      (['bytes', 'json'] as const).map((entriesAs) =>
        inScratch(async (directory) => {
          const writer = await RecordingWriter.create({
            directory: join(directory, 'g'),
            clock,
            durability: 'process',
            entriesAs,
          });
          const { response: _none, ...answered } = result(1, { bytes: 0, kept: 0, sha256: '', segment: 1, offset: 0 });
          const sent = statement(1, "SELECT 'ü\u2028\ud800 \u0000\"'");
          for (const entry of [grantOpened, sessionOpened, sent, answered]) writer.append(entry);
          await writer.close();
          return linesOf(directory);
        }),
      ),
    );
    expect(bytes).toHaveLength(4);
    expect(json).toEqual(bytes);
  });

  it('joins the entries of one turn in one write and releases them in order after it', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory);
      const released: number[] = [];
      writer.append(grantOpened);
      writer.append(sessionOpened);
      for (let number = 1; number <= 50; number += 1) {
        writer.append(statement(number), () => {
          released.push(number);
        });
      }
      expect(released).toEqual([]);
      expect(writer.stats.entryWrites).toBe(0);
      await endOfTurn();
      expect(released).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      expect(writer.stats.entryWrites).toBe(1);
      expect(await linesOf(directory)).toHaveLength(52);
      await writer.close();
    });
  });

  it('has the line in the file when it is released', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, {}, 'disk');
      writer.append(grantOpened);
      const seen = await new Promise<string[]>((resolve, reject) => {
        writer.append(sessionOpened, () => {
          linesOf(directory).then(resolve, reject);
        });
      });
      expect(seen).toHaveLength(2);
      await writer.close();
    });
  });

  it('takes what a released callback appends into the next batch', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory);
      writer.append(grantOpened, () => {
        writer.append(sessionOpened);
      });
      await writer.close();
      expect(await linesOf(directory)).toHaveLength(2);
    });
  });

  it('covers what is written during a sync by the next one, in order', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, {}, 'disk');
      const released: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) {
        for (let n = 0; n < 5; n += 1) {
          const seq: number = writer.append(turn === 0 && n === 0 ? grantOpened : { ...sessionOpened }, () => {
            released.push(seq);
          });
        }
        await endOfTurn();
      }
      await writer.close();
      expect(released).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      expect(writer.stats.syncs).toBeLessThanOrEqual(20);
    });
  });

  it('refuses an entry that is too large and goes on without it', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { entryBytesMax: 2000 });
      writer.append(grantOpened);
      expect(() => writer.append(statement(1, 'x'.repeat(2000)))).toThrow('payload_too_large');
      expect(writer.append(sessionOpened)).toBe(2);
      await writer.close();
      expect(await linesOf(directory)).toHaveLength(2);
    });
  });

  it('writes at once what is more than it may buffer, and releases it at the end of the turn', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { bufferedBytesMax: 10_000 });
      let released = 0;
      for (let n = 0; n < 10; n += 1) {
        writer.append(statement(n + 1, 'x'.repeat(4_000)), () => {
          released += 1;
        });
      }
      expect(writer.stats.entryWrites).toBeGreaterThan(1);
      expect(released).toBe(0);
      await endOfTurn();
      expect(released).toBe(10);
      await writer.close();
    });
  });

  it('refuses a directory that exists', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory);
      await writer.close();
      await expect(create(directory)).rejects.toThrow('There is a recording of this grant already');
    });
  });
});

describe('capturing a response', () => {
  it('hashes and keeps the same bytes however they are cut', async () => {
    await inScratch(async (directory) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 6 }),
          fc.integer({ min: 1, max: 30_000 }),
          async (arrays, responseBytesPerStatementMax) => {
            run += 1;
            const root = join(directory, String(run));
            const writer = await create(root, { responseBytesPerStatementMax, reserveBytes: 0 });
            const whole = Buffer.concat(arrays);
            const capture = writer.captureResponse();
            for (let round = 0; round < 2; round += 1) {
              for (const array of arrays) capture.take(Buffer.from(array));
              const reference = capture.finish();
              const kept = Math.min(whole.length, responseBytesPerStatementMax);
              expect(reference).toEqual({
                bytes: whole.length,
                kept,
                sha256: sha256(whole),
                segment: kept === 0 ? 0 : 1,
                offset: round * kept,
              });
              writer.append(result(round + 1, reference));
            }
            await writer.close();
            const kept = whole.subarray(0, responseBytesPerStatementMax);
            if (kept.length === 0) return;
            const segment = await readFile(join(root, 'g', 'responses-000001.bin'));
            expect(segment.equals(Buffer.concat([kept, kept]))).toBe(true);
          },
        ),
        { numRuns: 30 },
      );
    });
  });

  it('stops keeping at the limit of the grant and says what it saw', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { responseBytesPerGrantMax: 150 });
      const capture = writer.captureResponse();
      const kept: number[] = [];
      for (let number = 1; number <= 3; number += 1) {
        capture.take(Buffer.alloc(100, number));
        const reference = capture.finish();
        kept.push(reference.kept);
        expect(reference.bytes).toBe(100);
        expect(reference.sha256).toBe(sha256(Buffer.alloc(100, number)));
        writer.append(result(number, reference));
      }
      expect(kept).toEqual([100, 50, 0]);
      await writer.close();
    });
  });

  it('gives back what a discarded response had taken of the limit', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { responseBytesPerGrantMax: 100 });
      const capture = writer.captureResponse();
      capture.take(Buffer.alloc(100));
      capture.discard();
      capture.take(Buffer.alloc(100));
      expect(capture.finish().kept).toBe(100);
      await writer.close();
    });
  });

  it('leaves nothing of a response whose entry is never appended', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { responseBytesPerGrantMax: 100 });
      const capture = writer.captureResponse();
      capture.take(Buffer.alloc(100, 'a'));
      capture.finish();
      capture.take(Buffer.alloc(0));
      expect(capture.finish()).toMatchObject({ bytes: 0, kept: 0, segment: 0, offset: 0 });
      capture.take(Buffer.alloc(60, 'b'));
      expect(capture.finish().kept).toBe(0);
      capture.discard();
      await writer.close();
      expect(await readdir(join(directory, 'g'))).toEqual(['entries.jsonl', 'reserve.bin']);
    });
  });

  it('begins a new segment before a response that would make one too long', async () => {
    await inScratch(async (directory) => {
      const writer = await create(directory, { segmentBytesMax: 250 });
      const capture = writer.captureResponse();
      const places: [number, number][] = [];
      for (const [index, bytes] of [100, 100, 100, 400, 10].entries()) {
        capture.take(Buffer.alloc(bytes));
        const reference = capture.finish();
        places.push([reference.segment, reference.offset]);
        writer.append(result(index + 1, reference));
      }
      await writer.close();
      expect(places).toEqual([
        [1, 0],
        [1, 100],
        [2, 0],
        [3, 0],
        [4, 0],
      ]);
      const files = await readdir(join(directory, 'g'));
      expect(files.filter((name) => name.startsWith('responses-'))).toHaveLength(4);
    });
  });
});
