import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framesOf, readFrames } from './frame-codec.js';
import { FRAME_BYTES, PackingCheck, packLines } from './frame-packing.js';
import { FrameWalk } from './zstd-frame.js';

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Bytes cut at these places. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, part = 0; at < bytes.length; part += 1) {
    const size = sizes[part % sizes.length] ?? 1;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

const lineBytes = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 2000 }), weight: 8 },
  { arbitrary: fc.integer({ min: 60_000, max: 3 * FRAME_BYTES }), weight: 1 },
);

describe('the division of lines among frames', () => {
  it('is the same in whatever parts the lines come, fills each frame as far as it goes, and the check takes it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(lineBytes, { minLength: 1, maxLength: 60 }),
        fc.array(fc.integer({ min: 1000, max: 500_000 }), { minLength: 1, maxLength: 5 }),
        async (lengths, sizes) => {
          const lines = Buffer.concat(lengths.map((bytes) => Buffer.from(`${'x'.repeat(bytes)}\n`)));
          const parts = await all(packLines(each(cut(lines, sizes))));
          expect(Buffer.concat(parts).equals(lines)).toBe(true);
          expect(parts.map(({ length }) => length)).toEqual((await all(packLines(each([lines])))).map((p) => p.length));
          const check = new PackingCheck();
          for (const part of parts) expect(check.accept(part)).toBeUndefined();
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['too few lines in a frame', ['a\nb\n', 'c\n']],
    ['too many', [`${'x'.repeat(FRAME_BYTES - 1)}\nb\n`]],
    ['a line that goes on in the next', ['a\nb', 'c\n']],
    ['a frame of a part of a line', ['a']],
  ])('is refused otherwise: %s', (_, parts) => {
    const check = new PackingCheck();
    expect(parts.map((part) => check.accept(Buffer.from(part))).some((wrong) => wrong !== undefined)).toBe(true);
  });
});

describe('frames', () => {
  it('hold what was put into them, in order, in whatever parts they are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 5 }),
        async (contents, sizes) => {
          const made = await all(framesOf(each(contents)));
          const read = await all(readFrames(each(cut(Buffer.concat(made.map(({ bytes }) => bytes)), sizes))));
          expect(read.map(({ content }) => content.toString('hex'))).toEqual(
            contents.map((content) => Buffer.from(content).toString('hex')),
          );
          expect(read.map(({ bytes }) => bytes.length)).toEqual(made.map(({ bytes }) => bytes.length));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are one for each part, whatever size it is compressed to', async () => {
    // Where a frame ends just where zlib's block of memory does, Node.js has an empty frame follow.
    const around = [8, 16, 32, 64, 128].flatMap((kib) =>
      Array.from({ length: 20 }, (_, bytes) => kib * 1024 - 25 + bytes),
    );
    const few = Array.from({ length: 400 }, (_, bytes) => bytes + 1);
    const contents = [...few, ...around].flatMap((bytes) => [randomBytes(bytes), Buffer.alloc(bytes, 'line ')]);
    const made = await all(framesOf(each(contents)));
    for (const { bytes, content } of made) {
      const walk = new FrameWalk(content.length);
      expect([walk.take(bytes), walk.ended]).toEqual([bytes.length, true]);
    }
    const read = await all(readFrames(each(made.map(({ bytes }) => bytes))));
    expect(Buffer.concat(read.map(({ content }) => content)).equals(Buffer.concat(contents))).toBe(true);
  });

  it('name the first that cannot be read, after those before it', async () => {
    const [first, second, third] = ['one', 'two', 'three'].map((text) => {
      const content = Buffer.from(text.repeat(2000));
      return zstdCompressSync(content, { pledgedSrcSize: content.length });
    });
    const changed = Buffer.from(second ?? '');
    changed.fill(0xff, 10, 14);
    const more = Buffer.from(second ?? '');
    more[5] = (more[5] ?? 0) + 1;
    const skippable = Buffer.from('502a4d1804000000aaaaaaaa', 'hex');
    for (const bad of [changed, more, skippable, Buffer.from('junk that is no frame'), second?.subarray(0, 15)]) {
      const frames = readFrames(each([Buffer.concat([first ?? changed, bad ?? changed, third ?? changed])]));
      expect((await frames.next()).value?.content.toString()).toBe('one'.repeat(2000));
      await expect(frames.next()).rejects.toMatchObject({ name: 'FrameUnreadable', frame: 2 });
    }
    await expect(all(readFrames(each([first?.subarray(0, -1) ?? changed])))).rejects.toThrow('ends too early');
  });

  it('that hold another number of bytes than they say are refused without taking more memory than they say', async () => {
    const content = Buffer.alloc(4 * 1024 * 1024);
    const bomb = zstdCompressSync(content, { pledgedSrcSize: content.length });
    expect(bomb.length).toBeLessThan(1000);
    const modest = Buffer.from(bomb);
    // The content's size is the header's last four bytes; the blocks go on to give four megabytes.
    modest.writeUInt32LE(1000, bomb.readUInt8(4) & 0x20 ? 5 : 6);
    await expect(all(readFrames(each([modest])))).rejects.toThrow('cannot be decompressed');
  });
});
