import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuiltPage } from './built-page.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorwarden-page-'));
  mkdirSync(join(folder, 'assets'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

it('is no page where none was built', () => {
  expect(BuiltPage.read(folder)).toBe(BuiltPage.none);
  expect(BuiltPage.read(join(folder, 'nowhere')).build).toBeNull();
});

it('is refused without a place for its nonce, and with a file that nobody knows how to name', () => {
  write('index.html', '<html></html>');
  expect(() => BuiltPage.read(folder)).toThrow('__NONCE__');
  write('index.html', '<meta content="__NONCE__">');
  write('assets/a.exe', '');
  expect(() => BuiltPage.read(folder)).toThrow('assets/a.exe');
});

it('has another name when its document changes, which follows every change of a file', () => {
  write('index.html', '<meta content="__NONCE__"><meta content="__BUILD__"><script src="/assets/a-1.js">');
  const first = BuiltPage.read(folder);
  expect(first.document('n')).toBe(`<meta content="n"><meta content="${first.build}"><script src="/assets/a-1.js">`);
  write('index.html', '<meta content="__NONCE__"><meta content="__BUILD__"><script src="/assets/a-2.js">');
  expect(BuiltPage.read(folder).build).not.toBe(first.build);
});

it('gives files by their names alone, and what the build compressed with them', () => {
  write('index.html', '__NONCE__');
  write('assets/a.js', 'plain');
  write('assets/a.js.gz', 'zipped');
  write('assets/a.js.map', 'map');
  const page = BuiltPage.read(folder);
  const texts = [...(page.file('a.js')?.bytes ?? [])].map(([encoding, bytes]) => [encoding, bytes.toString()]);
  expect(texts).toEqual([
    ['identity', 'plain'],
    ['gzip', 'zipped'],
  ]);
  for (const name of ['a.js.gz', 'a.js.map', '../index.html', 'constructor']) expect(page.file(name)).toBeUndefined();
});
