import { zstdCompressSync, constants } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameWalk } from './zstd-frame.js';

const MIB = 1024 * 1024;

function frame(content: Buffer, params: Record<number, number> = {}): Buffer {
  return zstdCompressSync(content, { pledgedSrcSize: content.length, params });
}

/** Gives all bytes at once, and says why they were refused or how many were taken. */
function walked(bytes: Buffer, contentBytesMax = 16 * MIB): string | number {
  const walk = new FrameWalk(contentBytesMax);
  const taken = walk.take(bytes);
  return walk.wrong ?? (walk.ended ? taken : 'goes on');
}

describe('the outside of a frame', () => {
  it('says what it holds and where it ends, in whatever parts it comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 700 }),
          fc.nat(400_000).map((bytes) => new Uint8Array(bytes).fill(7)),
        ),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
        (content, cuts) => {
          const bytes = Buffer.concat([frame(Buffer.from(content)), Buffer.from('what follows')]);
          const whole = bytes.length - 'what follows'.length;
          const walk = new FrameWalk(MIB);
          let taken = 0;
          for (let part = 0, at = 0; at < bytes.length && !walk.ended; part += 1) {
            const end = at + (cuts[part % cuts.length] ?? 1);
            const here = walk.take(bytes.subarray(at, end));
            taken += here;
            at = end;
          }
          expect([walk.wrong, walk.ended, taken, walk.bytes]).toEqual([undefined, true, whole, whole]);
          expect(walk.contentBytes).toBe(content.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is refused with a checksum, a dictionary, without its size, and where no frame begins', () => {
    const plain = frame(Buffer.from('some lines'));
    const withId = Buffer.from(plain);
    withId[4] = (withId[4] ?? 0) | 1;
    expect(walked(plain)).toBe(plain.length);
    expect(walked(withId)).toContain('dictionary');
    expect(walked(frame(Buffer.from('some lines'), { [constants.ZSTD_c_checksumFlag]: 1 }))).toContain('checksum');
    expect(walked(frame(Buffer.from('some lines'), { [constants.ZSTD_c_contentSizeFlag]: 0 }))).toContain('how much');
    expect(walked(Buffer.from('502a4d1804000000aaaaaaaa', 'hex'))).toContain('does not begin');
    expect(walked(plain.subarray(0, -1))).toBe('goes on');
  });

  it('is refused with a window over 8 MiB and when it says to hold more than allowed, by its header alone', () => {
    const header = (descriptor: number, ...rest: number[]) =>
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, descriptor, ...rest]);
    const window = 10 << 3;
    expect(walked(header(0x80, 13 << 3, 0, 0, 0x90, 0))).toBe('goes on');
    expect(walked(header(0x80, (13 << 3) + 1, 0, 0, 0x90, 0))).toContain('window');
    expect(walked(header(0xa0, 1, 0, 0x80, 0))).toContain('window');
    expect(walked(header(0x80, window, 1, 0, 0, 1), 16 * MIB)).toContain('more than the format allows');
    expect(walked(header(0xc0, window, 0, 0, 0, 0, 0, 0, 0, 1))).toContain('more than the format allows');
  });

  it('is refused with a block of no known type, and when it is much longer than what it holds', () => {
    const plain = frame(Buffer.from('some lines'));
    const reserved = Buffer.from(plain);
    reserved[6] = (reserved[6] ?? 0) | 6;
    expect(walked(reserved)).toContain('block');
    const emptyBlocks = Buffer.concat([plain.subarray(0, 6), Buffer.alloc(300)]);
    expect(walked(emptyBlocks)).toContain('longer');
  });
});
