import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageFailure } from '../terminal/conventions.js';
import { applyDocument } from './apply-document.js';
import { readSources } from './apply-source.js';
import { boundedText, pathBelow } from './bounded-file.js';
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

it('a file that a document names is in its folder or below it, also by way of links', async () => {
  const own = join(folder, 'own');
  mkdirSync(join(own, 'deep'), { recursive: true });
  writeFileSync(join(own, 'deep', '..reads.cedar'), 'x');
  writeFileSync(join(folder, 'outside'), 'secret1');
  symlinkSync(join(folder, 'outside'), join(own, 'link'));
  symlinkSync(join(own, 'deep'), join(own, 'inner'));
  const inside = realpathSync(join(own, 'deep', '..reads.cedar'));
  expect(await pathBelow(own, 'deep/..reads.cedar')).toBe(inside);
  expect(await pathBelow(own, 'inner/..reads.cedar')).toBe(inside);
  for (const name of ['../outside', join(folder, 'outside'), 'link', '..']) {
    await expect(pathBelow(own, name)).rejects.toThrow(UsageFailure);
  }
});

it('a document takes no variable of doorwarden itself as a secret', () => {
  const target = (env: string) => ({
    kind: 'Target',
    name: 'orders',
    spec: { host: 'h', username: 'u', passwordFrom: { env } },
  });
  expect(applyDocument.safeParse(target('ORDERS_PASSWORD')).success).toBe(true);
  expect(applyDocument.safeParse(target('DOORWARDEN_API_KEY')).error?.message).toContain('DOORWARDEN_');
});
