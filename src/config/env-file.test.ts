import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OperatorError } from '../kernel/operator-error.js';
import { variablesOfEnvFile } from './env-file.js';

const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string | Buffer, env: Record<string, string> = {}) {
  const path = join(folder, '.env');
  writeFileSync(path, text);
  return variablesOfEnvFile(path, env);
}

describe('a file .env', () => {
  it('adds what it says, quoted or not, with comments and lines of Windows', () => {
    const text = `# settings\r\nDATABASE_URL="mysql://a:b#c@h/d" # the state\r\n\r\nexport LOG_LEVEL=warn\r\nAPI_HOST='::1'\nAPI_PORT=`;
    expect(read(text)).toEqual({
      DATABASE_URL: 'mysql://a:b#c@h/d',
      LOG_LEVEL: 'warn',
      API_HOST: '::1',
      API_PORT: '',
    });
  });

  it('loses against the environment, also where that has it empty or as a file', () => {
    const text = 'DATABASE_URL=mysql://file/\nLOG_LEVEL=warn\nREDIS_URL_FILE=/nowhere\nAPI_HOST=::1';
    const env = { DATABASE_URL_FILE: '/run/secrets/url', LOG_LEVEL: '', REDIS_URL: 'redis://env' };
    expect(read(text, env)).toEqual({ API_HOST: '::1' });
  });

  it('sets nothing that the broker does not read, but slips that are warned of', () => {
    expect(read('NODE_OPTIONS=--require=./x.js\nPATH=/tmp\nMYSQL_ROOT_PASSWORD=x\nDATABSE_URL=mysql://h/d')).toEqual({
      DATABSE_URL: 'mysql://h/d',
    });
  });

  it('sends no key of the environment to an address of its own', () => {
    const text = 'DOORWARDEN_API=https://elsewhere.example';
    expect(read(text, { DOORWARDEN_API_KEY: 'dw_key' })).toEqual({});
    expect(read(`${text}\nDOORWARDEN_API_KEY=dw_own`, { DOORWARDEN_TOKEN_FILE: '/run/token' })).toEqual({});
    expect(read(`${text}\nDOORWARDEN_API_KEY=dw_own`)).toEqual({
      DOORWARDEN_API: 'https://elsewhere.example',
      DOORWARDEN_API_KEY: 'dw_own',
    });
  });

  it('says neither as whom somebody acts nor which file is sent as a token', () => {
    expect(read('DOORWARDEN_TOKEN_FILE=/home/me/.ssh/id\nDOORWARDEN_PROFILE=prod\nDOORWARDEN_HOME=/tmp/x')).toEqual({});
  });

  it('that is not there adds nothing', () => {
    expect(variablesOfEnvFile(join(folder, 'none'), {})).toEqual({});
  });

  it.each([
    ['a line that assigns nothing', 'LOG_LEVEL=warn\nDATABASE_URL mysql://h/d\n', /line 2: this is no NAME=value/],
    ['a quote that does not end', '\nDATABASE_URL="mysql://secret@h/d\nLOG_LEVEL=warn\n', /line 2: .*quote/],
    ['text behind a quote', "LOG_LEVEL='warn' info", /line 1/],
    ['a name with a hyphen', 'LOG-LEVEL=warn', /line 1/],
    ['bytes that are no text', Buffer.from([0x41, 0x3d, 0xff]), /is not UTF-8/],
  ])('with %s is refused as a whole, without its values', (_what, text, said) => {
    expect(() => read(text)).toThrow(said);
    expect(() => read(text)).toThrow(OperatorError);
    expect(() => read(text)).not.toThrow(/secret/);
  });

  it('that is a folder is refused', () => {
    const path = join(folder, 'dir');
    mkdirSync(path);
    expect(() => variablesOfEnvFile(path, {})).toThrow(/is no file/);
  });
});
