import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPlainPath, withPaths } from './file-paths.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';
import { PrivateFileFailure } from './private-file-failure.js';
import { makeOwnFolder, makePrivateFolder } from './private-folder.js';

const MODE = 0o777;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'private-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a private file', () => {
  const path = () => join(folder, 'secret');

  it('is for this user alone, replaces what was there, and leaves nothing else', async () => {
    await writePrivateFile(path(), 'one');
    await writePrivateFile(path(), 'two');
    expect([readPrivateFile(path()), statSync(path()).mode & MODE]).toEqual(['two', 0o600]);
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  it('takes the place of a link, and does not follow it', async () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, path());
    expect(() => readPrivateFile(path())).toThrow('is a symbolic link');
    await writePrivateFile(path(), 'ours');
    expect([lstatSync(path()).isFile(), readFileSync(victim, 'utf8')]).toEqual([true, 'mine']);
  });

  it('that is not there is none; what is no file, is open to others, or is too large is refused', () => {
    expect(readPrivateFile(path())).toBeUndefined();
    mkdirSync(path());
    expect(() => readPrivateFile(path())).toThrow('is no file');
    rmSync(path(), { recursive: true });
    writeFileSync(path(), 'x'.repeat(1024 * 1024 + 1), { mode: 0o600 });
    expect(() => readPrivateFile(path())).toThrow('larger than 1 MiB');
    chmodSync(path(), 0o640);
    expect(() => readPrivateFile(path())).toThrow(`Run: chmod 600 ${path()}`);
  });

  it('that the system does not take is told with its path', async () => {
    const written = writePrivateFile(join(folder, 'missing', 'secret'), 'x');
    await expect(written).rejects.toThrow(PrivateFileFailure);
    await expect(written).rejects.toThrow('cannot be written (ENOENT).');
  });
});

describe('a folder of private files', () => {
  it('is made for this user alone', async () => {
    const path = join(folder, 'deep', 'own');
    await makePrivateFolder(path);
    expect(statSync(path).mode & MODE).toBe(0o700);
  });

  it('is refused where others can look into it; one that need only be the own where they can write', async () => {
    chmodSync(folder, 0o755);
    await expect(makePrivateFolder(folder)).rejects.toThrow('Others can look into');
    await makeOwnFolder(folder);
    chmodSync(folder, 0o775);
    await expect(makeOwnFolder(folder)).rejects.toThrow('Others can write in');
  });

  it('is refused as a link and as a file', async () => {
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    await expect(makePrivateFolder(link)).rejects.toThrow('is no folder');
    writeFileSync(join(folder, 'file'), '');
    await expect(makePrivateFolder(join(folder, 'file'))).rejects.toThrow(PrivateFileFailure);
  });
});

it('names of files become paths only where they stand by themselves', () => {
  const pathOf = new Map([['ca.pem', '/x/ca.pem']]);
  expect(withPaths('ssl-ca="ca.pem"\nother=my-ca.pem\nca.pem\n--ca=ca.pem', pathOf)).toBe(
    'ssl-ca="/x/ca.pem"\nother=my-ca.pem\nca.pem\n--ca=/x/ca.pem',
  );
  expect([isPlainPath('/home/a b/x'), isPlainPath('/home/a"b'), isPlainPath('/home/a\nb')]).toEqual([
    true,
    false,
    false,
  ]);
});
