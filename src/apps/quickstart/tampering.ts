import { readFile, writeFile } from 'node:fs/promises';
import { zstdCompressSync } from 'node:zlib';
import { frameBytesMax } from '../../recording/frames/zstd-frame.js';
import { SealedFile } from '../../recording/seal/sealed-file.js';
import { TAR_BLOCK_BYTES, encodeTarHeader, tarPaddingBytes } from '../../recording/seal/tar.js';
import { FRAMES_NAME } from '../../recording/write/layout.js';
import { expect } from './report.js';

/**
 * Writes a copy of a sealed recording in which one statement's text has its first letter in lower case: a change that
 * leaves lengths and JSON as they were, put into the file as somebody would who knows its format and has no key.
 */
export async function writeTampered(recording: string, text: string, path: string): Promise<void> {
  const sealed = await SealedFile.open(recording);
  expect(sealed instanceof SealedFile, 'the file is no sealed recording');
  try {
    const lines: Buffer[] = [];
    for await (const part of sealed.lines()) lines.push(part);
    const entries = Buffer.concat(lines);
    const at = entries.indexOf(text);
    expect(at > 0, 'the sealed file lacks a statement of the task');
    entries.write(text.charAt(0).toLowerCase(), at);
    const sizes = { pledgedSrcSize: entries.length, chunkSize: frameBytesMax(entries.length) };
    const member = zstdCompressSync(entries, sizes);
    const { offset, size } = sealed.entries;
    const archive = await readFile(recording);
    const parts = [
      archive.subarray(0, offset - TAR_BLOCK_BYTES),
      encodeTarHeader({ name: FRAMES_NAME, size: member.length }),
      member,
      Buffer.alloc(tarPaddingBytes(member.length)),
      archive.subarray(offset + size + tarPaddingBytes(size)),
    ];
    await writeFile(path, Buffer.concat(parts), { mode: 0o600 });
  } finally {
    await sealed.close();
  }
}
