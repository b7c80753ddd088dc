import { describe, expect, it } from 'vitest';
import { ECHO_CLIENT } from '../../../../test/support/echo/client-words.js';
import { connectionForms } from '../../../protocols/mysql/connection-forms.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { knownPart, withoutConnection } from './known-part.js';

const FORMS = {
  protocol: 'mysql',
  ...connectionForms({
    host: 'gw.example',
    port: 3306,
    username: 'dw_x',
    password: 'a"b\\c=#;',
    database: 'sh op',
    ca: '-----BEGIN CERTIFICATE-----\n',
  }),
};

it('all that a broker gives is taken', () => {
  const { env, files, folderEnv, programs } = FORMS;
  expect(knownPart({ protocol: 'mysql', env, files, folderEnv, programs })).toEqual({
    env,
    files,
    folderEnv,
    programs,
  });
});

describe('what would load or run something here is left out', () => {
  it('variables', () => {
    const env = { ...FORMS.env, LD_PRELOAD: '/x.so', NODE_OPTIONS: '--require /x.js', PATH: '/x', BASH_ENV: '/x' };
    const part = knownPart({ ...FORMS, env, folderEnv: ['MYSQL_HOME', 'HOME', 'PYTHONPATH'] });
    expect([part.env, part.folderEnv]).toEqual([FORMS.env, ['MYSQL_HOME']]);
  });

  it('programs and their arguments', () => {
    const programs = [
      { name: 'sh', args: ['-c', 'true'] },
      { name: './mysql', args: [] },
      { name: 'mysql', args: ['--defaults-file=my.cnf', '--execute=system true'] },
      { name: 'mysql', args: ['--defaults-file=/x/my.cnf'] },
      { name: 'mysql', args: ['--defaults-file=toString'] },
    ];
    expect(knownPart({ ...FORMS, programs: [...programs, ...FORMS.programs] }).programs).toEqual(FORMS.programs);
  });

  it.each([
    '[mysql]\npager="sh"',
    '[client]\nplugin-dir="/x"',
    '[client]\r!include /x',
    '[mysqld_safe]',
    '[client]\nhost="a" \n pager=sh',
  ])('an option file with %j, and what would be started with it', (text) => {
    const part = knownPart({ ...FORMS, files: { ...FORMS.files, 'my.cnf': `${text}\n` } });
    expect([Object.keys(part.files), part.programs]).toEqual([
      ['doorwarden-ca.pem', 'doorwarden-mariadb.cnf', 'doorwarden-mysql.cnf'],
      [],
    ]);
  });

  it('files of other names', () => {
    const files = { ...FORMS.files, '..': '', 'x.so': '', '.mylogin.cnf': '', 'a/b.pem': '', 'connection.json': '{}' };
    expect(knownPart({ ...FORMS, files }).files).toEqual(FORMS.files);
  });
});

it('nothing of a connection that the caller had stays beside that of the grant', () => {
  const { MYSQL_DATABASE, ...others } = FORMS.env;
  expect(MYSQL_DATABASE).toBe('sh op');
  const own = { ...FORMS.env, MYSQL_HOME: '/home/x', PATH: '/bin', LANG: 'C' };
  expect(withoutConnection(own)).toEqual({ PATH: '/bin', LANG: 'C' });
  expect(Object.keys({ ...withoutConnection(own), ...others })).not.toContain('MYSQL_DATABASE');
});

describe('a connection of another protocol', () => {
  const PROTOCOLS = [...CLIENT_PROTOCOLS, ECHO_CLIENT];
  const ECHO = {
    protocol: 'echo',
    env: { ECHO_HOST: 'gw.example', MYSQL_HOST: 'gw.example', LD_PRELOAD: '/x.so' },
    files: { 'my.cnf': '' },
    folderEnv: ['MYSQL_HOME'],
    programs: [
      { name: 'nc', args: ['gw.example', '7'] },
      { name: 'mysql', args: [] },
    ],
  };

  it('has what that protocol says, and nothing of others', () => {
    expect(knownPart(ECHO, PROTOCOLS)).toEqual({
      env: { ECHO_HOST: 'gw.example' },
      files: {},
      folderEnv: [],
      programs: [{ name: 'nc', args: ['gw.example', '7'] }],
    });
    expect(withoutConnection({ ECHO_SECRET: 'x', MYSQL_PWD: 'x', PATH: '/bin' }, PROTOCOLS)).toEqual({ PATH: '/bin' });
  });

  it('has nothing where this version does not know it', () => {
    expect(knownPart(ECHO)).toEqual({ env: {}, files: {}, folderEnv: [], programs: [] });
  });
});
