import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageFailure } from '../terminal/conventions.js';
import { readSources } from './apply-source.js';
import { boundedText } from './bounded-file.js';
import { secretAt } from './secret-origin.js';

const folder = mkdtempSync(join(tmpdir(), 'bounded-file-'));

it('a file is read whole up to its bound, and refused beyond it', async () => {
  const path = join(folder, 'a.txt');
  writeFileSync(path, 'ä'.repeat(50_000));
  expect(await boundedText(path, { bytesMax: 100_000, name: 'a.txt' })).toHaveLength(50_000);
  await expect(boundedText(path, { bytesMax: 99_999, name: 'a.txt' })).rejects.toThrow('a.txt is larger than');
  await expect(boundedText(join(folder, 'none'), { bytesMax: 1, name: 'none' })).rejects.toThrow('ENOENT');
});

it('a device without an end is refused as a document and as a secret', async () => {
  symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
  await expect(readSources([folder], () => Promise.resolve(''))).rejects.toThrow(UsageFailure);
  const scene = { folder, env: {} };
  await expect(secretAt({ file: '/dev/zero' }, scene)).rejects.toThrow(UsageFailure);
});

it('aliases that grow without end are a fault of their file', async () => {
  const path = join(folder, 'aliases.yml');
  const lists = 'bcdefghij'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[at]}`).join(',')}]`);
  writeFileSync(path, `a: &a [x]\n${lists.join('\n')}\n`);
  await expect(readSources([path], () => Promise.resolve(''))).rejects.toThrow(`${path}:1: `);
});
