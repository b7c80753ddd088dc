import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiFailure } from '../../../client/api-failure.js';
import { FROM_ENV_FILE } from '../env-file-names.js';
import { UsageFailure } from '../terminal/conventions.js';
import { addressOf, apiChoice, type ApiOptions } from './api-choice.js';
import { profilesText, readProfiles } from './profile-file.js';
import type { Profile } from './profile.forms.js';

const ONE = { api: 'https://one.example', credential: 'dws_one', kind: 'session', principal: 'ana' } as const;
const TWO = { api: 'https://two.example', credential: 'dw_two', kind: 'key', principal: 'bot' } as const;

let config: string;
const folder = () => join(config, 'doorwarden');
const path = () => join(folder(), 'profiles.json');

function write(text: string, mode = 0o600): void {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  writeFileSync(path(), text, { mode });
}

function store(profiles: Readonly<Record<string, Profile>>, current: string | null): void {
  write(profilesText({ current, byName: new Map(Object.entries(profiles)) }));
}

function chosen(options: ApiOptions = {}, env: Readonly<Record<string, string>> = {}) {
  const { api, credential, by, profile } = apiChoice(options, { XDG_CONFIG_HOME: config, ...env });
  return [api, credential(), by, profile];
}

beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'profiles-'));
});
afterEach(() => {
  FROM_ENV_FILE.clear();
  rmSync(config, { recursive: true });
});

describe('the broker that a command talks to', () => {
  it('is this machine, with the key of the environment, where nobody has signed in', () => {
    expect(chosen({}, { DOORWARDEN_API_KEY: 'dw_k' })).toEqual(['http://127.0.0.1:8080', 'dw_k', 'key', null]);
    expect(() => chosen()).toThrow(ApiFailure);
    expect(() => chosen()).toThrow('You are not signed in at http://127.0.0.1:8080. Run: doorwarden login');
  });

  it('is that of the current profile, unless another one is named', () => {
    store({ one: ONE, two: TWO }, 'one');
    expect(chosen()).toEqual([ONE.api, 'dws_one', 'profile', 'one']);
    expect(chosen({}, { DOORWARDEN_PROFILE: 'two' })).toEqual([TWO.api, 'dw_two', 'profile', 'two']);
    expect(chosen({ profile: 'one' }, { DOORWARDEN_PROFILE: 'two' })).toEqual([ONE.api, 'dws_one', 'profile', 'one']);
    expect(addressOf({}, { XDG_CONFIG_HOME: config })).toBe(ONE.api);
  });

  it('is that of the environment where it says so, and of the command line before both', () => {
    store({ one: ONE, two: TWO }, 'one');
    const env = { DOORWARDEN_API: 'https://env.example/', DOORWARDEN_API_KEY: 'dw_env' };
    expect(chosen({}, env)).toEqual(['https://env.example', 'dw_env', 'key', null]);
    expect(chosen({ api: 'https://three.example' }, env)).toEqual(['https://three.example', 'dw_env', 'key', null]);
    expect(chosen({ profile: 'two' }, env)).toEqual([TWO.api, 'dw_two', 'profile', 'two']);
    expect(chosen({}, { DOORWARDEN_API_KEY: 'dw_env' })).toEqual([ONE.api, 'dw_env', 'key', null]);
  });

  it.each(['DOORWARDEN_API', 'DOORWARDEN_API_KEY', 'DOORWARDEN_TOKEN_FILE'])(
    'is not chosen by the %s of a file .env where somebody has signed in',
    (name) => {
      const env = { [name]: 'https://folder.example' };
      FROM_ENV_FILE.add(name);
      store({ one: ONE, two: TWO }, 'one');
      expect(() => chosen({}, env)).toThrow(UsageFailure);
      expect(() => chosen({}, env)).toThrow(`${name} comes from the file .env here, and your profile is one. Say`);
      expect(() => chosen({}, { ...env, DOORWARDEN_PROFILE: 'two' })).toThrow('your profile is two');
      expect(chosen({ profile: 'one' }, env)).toEqual([ONE.api, 'dws_one', 'profile', 'one']);
    },
  );

  it('is chosen by a file .env where nobody has signed in, or where the command or the environment names the address', () => {
    const env = { DOORWARDEN_API: 'https://folder.example', DOORWARDEN_API_KEY: 'dw_f' };
    for (const name of Object.keys(env)) FROM_ENV_FILE.add(name);
    expect(chosen({}, env)).toEqual(['https://folder.example', 'dw_f', 'key', null]);
    store({ one: ONE }, 'one');
    expect(chosen({ api: TWO.api }, env)).toEqual([TWO.api, 'dw_f', 'key', null]);
    FROM_ENV_FILE.delete('DOORWARDEN_API');
    expect(chosen({}, env)).toEqual(['https://folder.example', 'dw_f', 'key', null]);
  });

  it('gets the credential of a profile only where it is the profile of that address', () => {
    store({ one: ONE, two: TWO }, 'one');
    expect(chosen({ api: `${ONE.api}/` })).toEqual([ONE.api, 'dws_one', 'profile', 'one']);
    expect(() => chosen({ api: TWO.api })).toThrow('Add: --profile two');
    expect(() => chosen({}, { DOORWARDEN_API: 'https://evil.example' })).toThrow(
      'not signed in at https://evil.example',
    );
    expect(() => chosen({ api: ONE.api, profile: 'two' })).toThrow('Give --api or --profile, not both.');
  });

  it('is refused where a profile does not exist, or two credentials are given', () => {
    store({ one: ONE }, 'gone');
    expect(() => chosen({ profile: 'x' })).toThrow('There is no profile "x". There are: one.');
    expect(() => chosen({}, { DOORWARDEN_PROFILE: 'y' })).toThrow(UsageFailure);
    expect(() => chosen({ profile: '__proto__' })).toThrow('There is no profile');
    const both = { DOORWARDEN_API_KEY: 'dw_k', DOORWARDEN_TOKEN_FILE: '/nowhere' };
    expect(() => chosen({}, both)).toThrow('are both set');
  });
});

it('a file of a token is read again for each call', async () => {
  const file = join(config, 'token');
  writeFileSync(file, 'eyJ.first.x\n');
  const { credential, by } = apiChoice({ api: ONE.api }, { DOORWARDEN_TOKEN_FILE: file });
  expect([await credential(), by]).toEqual(['eyJ.first.x', 'token-file']);
  writeFileSync(file, 'eyJ.second.x');
  expect(await credential()).toBe('eyJ.second.x');
});

describe('the file of profiles', () => {
  const read = () => readProfiles({ XDG_CONFIG_HOME: config });

  it('need not be there; a relative folder of settings counts for nothing', () => {
    expect(read().byName.size).toBe(0);
    store({ one: ONE }, 'one');
    expect(read().byName.get('one')).toEqual(ONE);
    expect(readProfiles({ XDG_CONFIG_HOME: 'x', HOME: join(config, 'home') }).byName.size).toBe(0);
  });

  it.each([0o640, 0o604, 0o620])('is refused with mode %o', (mode) => {
    store({ one: ONE }, 'one');
    chmodSync(path(), mode);
    expect(read).toThrow('Others can read or change');
  });

  it('is refused where others could replace it, and as a symbolic link', () => {
    store({ one: ONE }, 'one');
    chmodSync(folder(), 0o770);
    expect(read).toThrow('Others can write in');
    chmodSync(folder(), 0o700);
    rmSync(path());
    symlinkSync('/etc/passwd', path());
    expect(read).toThrow('is a symbolic link');
  });

  it.each([
    ['no JSON', 'dws_secret'],
    ['another version', '{"version":2,"current":null,"profiles":{}}'],
    ['names that are none', `{"version":1,"current":null,"profiles":{"a b":${JSON.stringify(ONE)}}}`],
  ])('is refused as %s, without what it has', (_, text) => {
    write(text);
    expect(read).toThrow('is no file of profiles');
    expect(read).not.toThrow(/secret/);
  });
});
