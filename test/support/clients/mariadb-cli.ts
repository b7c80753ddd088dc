import { type ClientLogin, type ClientOutcome, runProgram } from './program.js';

const CLIENT = '/usr/bin/mariadb';

/** Runs statements with Debian's `mariadb` client, in batch mode: columns by tabs, first line the names. */
export async function runMariadbCli(
  login: ClientLogin,
  statements: readonly string[],
  args: readonly string[] = [],
  interrupt?: Promise<unknown>,
): Promise<ClientOutcome> {
  const { host, port, user, password, database, caFile } = login;
  const tls = caFile === undefined ? ['--skip-ssl'] : [`--ssl-ca=${caFile}`, '--ssl-verify-server-cert'];
  const connect = [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`, ...tls];
  return runProgram(
    CLIENT,
    ['--no-defaults', ...connect, '--batch', ...args, ...(database === undefined ? [] : [database])],
    {
      input: statements.map((statement) => `${statement};\n`).join(''),
      env: { MYSQL_PWD: password },
      ...(interrupt === undefined ? {} : { interrupt }),
    },
  );
}
