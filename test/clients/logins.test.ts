import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLIENT_COMPRESS,
  CLIENT_ZSTD_COMPRESSION_ALGORITHM,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import { type Broker } from '../support/broker.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { runMariadbCli } from '../support/clients/mariadb-cli.js';
import { type ClientLogin, type ClientOutcome, runProgram } from '../support/clients/program.js';
import { engines } from '../support/engines.js';
import { findMysql97 } from '../support/mysql97.js';
import { makeServerCertificate } from '../support/certificates.js';
import { type Task, type TestTarget, makeTarget, openTask } from '../support/task.js';

const mysql97 = await findMysql97();
const broker = useSharedBroker();

const PLUGINS = ['mysql_native_password', 'caching_sha2_password'];
const QUESTION = 'SELECT 40 + 2 AS answer';
const ANSWER: Partial<ClientOutcome> = { stdout: 'answer\n42\n', exitCode: 0 };

interface Program {
  readonly name: string;
  /** Runs the question with these arguments about the login. */
  readonly run: (login: ClientLogin, args: readonly string[]) => Promise<ClientOutcome>;
  readonly modes: readonly { readonly args: readonly string[]; readonly tls: boolean }[];
  readonly verifying: readonly string[];
  /** Asks for compression, in the clear and behind TLS, and may do without. */
  readonly compressing: readonly (readonly string[])[];
}

const CA = '<the authority of the connection>';

const MARIADB: Program = {
  name: 'mariadb',
  run: (login, args) => runMariadbCli(login, [QUESTION], args),
  modes: [
    { args: ['--skip-ssl'], tls: false },
    { args: ['--ssl'], tls: true },
    { args: ['--ssl', '--ssl-verify-server-cert', `--ssl-ca=${CA}`], tls: true },
    { args: ['--ssl', '--tls-version=TLSv1.2'], tls: true },
  ],
  verifying: ['--ssl', '--ssl-verify-server-cert'],
  compressing: [
    ['--skip-ssl', '--compress'],
    ['--ssl', '--compress'],
  ],
};

const mysqlProgram = (bin: string): Program => ({
  name: 'mysql 9.7',
  async run({ host, port, user, password, database = '' }, args) {
    const options = [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`, '--batch', ...args];
    return runProgram(join(bin, 'mysql'), [...options, `--execute=${QUESTION}`, database], {
      env: { MYSQL_PWD: password },
    });
  },
  modes: [
    { args: ['--ssl-mode=DISABLED'], tls: false },
    { args: ['--ssl-mode=PREFERRED'], tls: true },
    { args: ['--ssl-mode=REQUIRED'], tls: true },
    { args: ['--ssl-mode=VERIFY_CA', `--ssl-ca=${CA}`], tls: true },
    { args: ['--ssl-mode=VERIFY_IDENTITY', `--ssl-ca=${CA}`], tls: true },
    { args: ['--ssl-mode=REQUIRED', '--tls-version=TLSv1.2'], tls: true },
  ],
  verifying: ['--ssl-mode=VERIFY_CA'],
  compressing: ['zlib,uncompressed', 'zstd,uncompressed'].flatMap((algorithms) =>
    ['DISABLED', 'REQUIRED'].map((mode) => [`--ssl-mode=${mode}`, `--compression-algorithms=${algorithms}`]),
  ),
});

const PROGRAMS = [MARIADB, ...(mysql97.available ? [mysqlProgram(mysql97.bin)] : [])];

describe.each(engines())('the endpoint of $flavour $version', (engine) => {
  let target: TestTarget;
  let task: Task;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine);
    task = await openTask(broker(), target);
  });
  afterAll(() => target?.drop());

  test.each(PROGRAMS)('speaks TLS with $name as each of its modes asks for', async ({ run, modes }) => {
    const own = await openTask(broker(), target);
    const expected: boolean[] = [];
    for (const { args, tls } of modes) {
      const given = args.map((arg) => arg.replace(CA, own.tlsLogin.caFile));
      expect(await run(own.login, given), args.join(' ')).toMatchObject(ANSWER);
      expected.push(tls);
    }
    const recorded = await own.close();
    expect(recorded.of('session.opened').map(({ tls }) => tls !== null)).toEqual(expected);
  });

  test.each(PROGRAMS)('is not taken by $name when the authority is another one', async ({ run, verifying }) => {
    const outcome = await run(task.login, [...verifying, `--ssl-ca=${await strangersCa(broker())}`]);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(outcome.stderr).toMatch(/certificate|SSL/i);
  });

  test.each(PROGRAMS)(
    'works with $name that would compress, and nothing is compressed',
    async ({ run, compressing }) => {
      const own = await openTask(broker(), target);
      for (const args of compressing) expect(await run(own.login, args), args.join(' ')).toMatchObject(ANSWER);
      const recorded = await own.close();
      expect(recorded.texts.filter((text) => text === QUESTION)).toHaveLength(compressing.length);
      const both = CLIENT_COMPRESS | CLIENT_ZSTD_COMPRESSION_ALGORITHM;
      expect(recorded.of('session.opened').map(({ body }) => body.capabilities & both)).toEqual(
        compressing.map(() => 0),
      );
    },
  );

  test.each(PROGRAMS.flatMap((program) => PLUGINS.map((plugin) => ({ ...program, plugin }))))(
    'logs $name in when it begins with $plugin',
    async ({ run, plugin, verifying }) => {
      const tls = [...verifying, `--ssl-ca=${task.tlsLogin.caFile}`];
      for (const mode of [tls, verifying.includes('--ssl') ? ['--skip-ssl'] : ['--ssl-mode=DISABLED']]) {
        expect(await run(task.login, [`--default-auth=${plugin}`, ...mode]), mode.join(' ')).toMatchObject(ANSWER);
      }
    },
  );
});

/** An authority that has nothing to do with the broker. */
async function strangersCa({ env }: Broker): Promise<string> {
  const { caFile } = await makeServerCertificate(join(env['HOME'] ?? '', 'stranger'));
  return caFile;
}
