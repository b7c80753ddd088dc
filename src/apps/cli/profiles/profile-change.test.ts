import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changeProfiles } from './profile-change.js';
import { type Profiles, readProfiles } from './profile-file.js';

let config: string;
let env: { readonly XDG_CONFIG_HOME: string };
const folder = () => join(config, 'deep', 'doorwarden');
/** The lock stays, and is empty. */
const FILES = ['profiles.json', 'profiles.json.lock'];

beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'profiles-'));
  env = { XDG_CONFIG_HOME: join(config, 'deep') };
});
afterEach(() => rmSync(config, { recursive: true }));

const adding =
  (name: string) =>
  ({ byName }: Profiles): Profiles => ({
    current: name,
    byName: new Map(byName).set(name, {
      api: 'https://x.example',
      credential: `dw_${name}`,
      kind: 'key',
      principal: 'a',
    }),
  });

it('makes the folder and the file for this user alone, and leaves nothing else there but an empty lock', async () => {
  await changeProfiles(env, adding('one'));
  expect([statSync(folder()).mode & 0o777, statSync(join(folder(), 'profiles.json')).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  expect(readdirSync(folder())).toEqual(FILES);
  const { size, mode } = statSync(join(folder(), 'profiles.json.lock'));
  expect([size, mode & 0o777]).toEqual([0, 0o600]);
  expect(readProfiles(env).byName.get('one')?.credential).toBe('dw_one');
});

it('loses no change of several that are made at the same time', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  await Promise.all(names.map((name) => changeProfiles(env, adding(name))));
  expect([...readProfiles(env).byName.keys()].sort()).toEqual(names.sort());
  expect(readdirSync(folder())).toEqual(FILES);
});

it('changes nothing where the change fails, or where others can write', async () => {
  await changeProfiles(env, adding('one'));
  const failing = changeProfiles(env, () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(readProfiles(env).current).toBe('one');
  chmodSync(folder(), 0o777);
  await expect(changeProfiles(env, adding('two'))).rejects.toThrow('Others can write in');
  chmodSync(folder(), 0o700);
  await changeProfiles(env, adding('three'));
  expect([...readProfiles(env).byName.keys()]).toEqual(['one', 'three']);
});

it('does not read a file that others could have read, and keeps it as it is', async () => {
  await changeProfiles(env, adding('one'));
  chmodSync(join(folder(), 'profiles.json'), 0o644);
  await expect(changeProfiles(env, adding('two'))).rejects.toThrow('Others can read or change');
  expect(readdirSync(folder())).toEqual(FILES);
});

/** Another process that holds the lock until it is killed; resolves once it does. */
async function holder(): Promise<ChildProcess> {
  const path = join(folder(), 'profiles.json.lock');
  const script = `
    const database = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)});
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    setInterval(() => database.isOpen, 1000);
    process.stdout.write('held');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('It has no output');
  await once(child.stdout, 'data');
  return child;
}

it('waits for the command that holds the lock, and goes on when that is killed: its lock goes with it', async () => {
  await changeProfiles(env, adding('one'));
  const child = await holder();
  try {
    await expect(changeProfiles(env, adding('two'))).rejects.toThrow('Another command changes the profiles');
    const waiting = Promise.all(['three', 'four', 'five'].map((name) => changeProfiles(env, adding(name))));
    child.kill('SIGKILL');
    await waiting;
    expect([...readProfiles(env).byName.keys()].sort()).toEqual(['five', 'four', 'one', 'three']);
    expect(readdirSync(folder())).toEqual(FILES);
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

it('takes a lock that another version left behind, and says what is none', async () => {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const lock = join(folder(), 'profiles.json.lock');
  writeFileSync(lock, '');
  await changeProfiles(env, adding('one'));
  writeFileSync(lock, 'this is no lock of ours. '.repeat(100));
  await expect(changeProfiles(env, adding('two'))).rejects.toThrow(`${lock} cannot be locked`);
  expect(readProfiles(env).current).toBe('one');
});
