import { join } from 'node:path';
import { findMysql97 } from '../mysql97.js';
import { type ClientLogin, type ClientOutcome, runProgram } from './program.js';

/**
 * Runs statements with MySQL 9.7's own `mysql` client, in batch mode: columns by tabs, first line the names. Without
 * TLS the password is exchanged with the server's RSA key.
 */
export async function runMysqlCli(
  login: ClientLogin,
  statements: readonly string[],
  args: readonly string[] = [],
  interrupt?: Promise<unknown>,
): Promise<ClientOutcome> {
  const mysql97 = await findMysql97();
  if (!mysql97.available) throw new Error(`There is no mysql client: ${mysql97.reason}`);
  const { host, port, user, password, database, caFile } = login;
  const tls =
    caFile === undefined
      ? ['--ssl-mode=DISABLED', '--get-server-public-key']
      : [`--ssl-ca=${caFile}`, '--ssl-mode=VERIFY_IDENTITY'];
  const connect = [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${user}`, ...tls];
  return runProgram(
    join(mysql97.bin, 'mysql'),
    [...connect, '--batch', ...args, ...(database === undefined ? [] : [database])],
    {
      input: statements.map((statement) => `${statement};\n`).join(''),
      env: { MYSQL_PWD: password },
      ...(interrupt === undefined ? {} : { interrupt }),
    },
  );
}
