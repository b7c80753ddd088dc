import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { assert } from '../../kernel/assert.js';
import { writeAll } from '../chain/file-chunks.js';
import { seqOfLine } from '../chain/lines.js';
import type { ManifestFrames } from '../seal/manifest.js';
import { framesOf } from './frame-codec.js';
import { indexLine } from './frame-index.js';
import { packLines } from './frame-packing.js';

/** Writes whole lines as frames, as {@link packLines} divides them, with their index beside them. Memory: a few frames. */
export async function writeFrames(
  lines: AsyncIterable<Buffer>,
  { entries, index }: { readonly entries: FileHandle; readonly index: FileHandle },
): Promise<ManifestFrames> {
  const [sha256, indexSha256] = [createHash('sha256'), createHash('sha256')];
  let count = 0;
  let offset = 0;
  for await (const frame of framesOf(packLines(lines))) {
    const seq = seqOfLine(frame.content);
    assert(seq !== undefined, 'lines that were checked begin with their number');
    const place = Buffer.from(indexLine({ seq, offset }));
    sha256.update(frame.bytes);
    indexSha256.update(place);
    await writeAll(entries, frame.bytes);
    await writeAll(index, place);
    count += 1;
    offset += frame.bytes.length;
  }
  return { count, bytes: offset, sha256: sha256.digest('hex'), indexSha256: indexSha256.digest('hex') };
}
