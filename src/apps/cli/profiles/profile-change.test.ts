import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changeProfiles } from './profile-change.js';
import { type Profiles, readProfiles } from './profile-file.js';

let config: string;
let env: { readonly XDG_CONFIG_HOME: string };
const folder = () => join(config, 'deep', 'doorwarden');

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

it('makes the folder and the file for this user alone, and leaves nothing else there', async () => {
  await changeProfiles(env, adding('one'));
  expect([statSync(folder()).mode & 0o777, statSync(join(folder(), 'profiles.json')).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  expect(readdirSync(folder())).toEqual(['profiles.json']);
  expect(readProfiles(env).byName.get('one')?.credential).toBe('dw_one');
});

it('loses no change of several that are made at the same time', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `p${n}`);
  await Promise.all(names.map((name) => changeProfiles(env, adding(name))));
  expect([...readProfiles(env).byName.keys()].sort()).toEqual(names.sort());
  expect(readdirSync(folder())).toEqual(['profiles.json']);
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
  expect(existsSync(join(folder(), 'profiles.json.lock'))).toBe(false);
});

it('does not read a file that others could have read, and keeps it as it is', async () => {
  await changeProfiles(env, adding('one'));
  chmodSync(join(folder(), 'profiles.json'), 0o644);
  await expect(changeProfiles(env, adding('two'))).rejects.toThrow('Others can read or change');
  expect(readdirSync(folder())).toEqual(['profiles.json']);
});

it('does not take over what another command holds, and names it', async () => {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const lock = join(folder(), 'profiles.json.lock');
  writeFileSync(lock, '');
  await expect(changeProfiles(env, adding('one'))).rejects.toThrow(`remove ${lock}`);
  expect(existsSync(lock)).toBe(true);
}, 30_000);
