import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionView } from '../../../contracts/grants/grant.js';
import { OperatorError } from '../../../kernel/operator-error.js';
import { writeConnectionFiles } from './connection-files.js';

const MODE = 0o777;
const DEADLINE = '2026-11-30T12:00:00.000Z';
const connection: ConnectionView = {
  protocol: 'mysql',
  host: '127.0.0.1',
  port: 33_101,
  username: 'dw_x',
  password: 'secret',
  database: 'ca.pem',
  tls: { ca: 'PEM' },
  dsn: '',
  env: { CA: 'ca.pem', USER_NAME: 'dw_x' },
  files: { 'ca.pem': 'PEM', 'client.cnf': 'ssl-ca="ca.pem"\nother="my-ca.pem"\n' },
  folderEnv: ['CLIENT_HOME'],
  programs: [{ name: 'client', args: ['--defaults-file=client.cnf', '--host=127.0.0.1'] }],
  clients: {},
};

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'connection-files-'));
  vi.stubEnv('TMPDIR', parent);
  vi.stubEnv('XDG_RUNTIME_DIR', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(parent, { recursive: true, force: true });
});

describe('the files of a connection', () => {
  it('are for the eyes of this user, and name each other by their paths', () => {
    const files = writeConnectionFiles(connection, DEADLINE);
    const { path, env, programs } = files;
    const ca = join(path, 'ca.pem');
    expect(statSync(path).mode & MODE).toBe(0o700);
    expect(statSync(ca).mode & MODE).toBe(0o600);
    expect(readFileSync(join(path, 'client.cnf'), 'utf8')).toBe(`ssl-ca="${ca}"\nother="my-ca.pem"\n`);
    expect(env).toEqual({ CA: ca, USER_NAME: 'dw_x', CLIENT_HOME: path, DOORWARDEN_FILES: path });
    expect(programs).toEqual([
      { name: 'client', args: [`--defaults-file=${join(path, 'client.cnf')}`, '--host=127.0.0.1'] },
    ]);
    files.remove();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('that a killed command left are removed an hour after their deadline, and nothing else is', () => {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const [over, justOver] = [`doorwarden-${nowSeconds - 3_700}-abcdef`, `doorwarden-${nowSeconds - 60}-abcdef`];
    for (const name of [over, justOver, 'doorwarden-notes', 'other'])
      mkdirSync(join(parent, name, 'x'), { recursive: true });
    const { path } = writeConnectionFiles(connection, new Date(Date.now() + 60_000).toISOString());
    expect(existsSync(join(parent, over))).toBe(false);
    for (const name of [justOver, 'doorwarden-notes', 'other']) expect(existsSync(join(parent, name, 'x'))).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  it('go into the folder of the session only where it is private', () => {
    const runtime = join(parent, 'runtime');
    mkdirSync(runtime, { mode: 0o700 });
    vi.stubEnv('XDG_RUNTIME_DIR', runtime);
    expect(writeConnectionFiles(connection, DEADLINE).path).toContain(runtime);
    vi.stubEnv('XDG_RUNTIME_DIR', parent.slice(0, parent.lastIndexOf('/')));
    expect(writeConnectionFiles(connection, DEADLINE).path).not.toContain(runtime);
  });

  it('are refused in a folder whose name would mean something else in them', () => {
    const odd = join(parent, 'a"b');
    mkdirSync(odd);
    vi.stubEnv('TMPDIR', odd);
    expect(() => writeConnectionFiles(connection, DEADLINE)).toThrow(OperatorError);
    expect(readdirSync(odd)).toEqual([]);
  });
});
