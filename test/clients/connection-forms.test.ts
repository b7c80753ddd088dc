import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { clientsView } from '../../src/protocols/mysql/clients-view.js';
import { ALLOW_EVERYTHING } from '../support/policies.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { engines } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { findMysql97 } from '../support/mysql97.js';
import { makeTarget, openTask, type TestTarget, type Task } from '../support/task.js';

const run = promisify(execFile);
const broker = useSharedBroker(ALLOW_EVERYTHING, { GATEWAY_CLIENT_TLS: 'required' });
const mysql97 = await findMysql97();
const PYTHON = '/usr/bin/python3'; // the one that Debian's packages belong to
const MARIADB_JDBC = '/usr/share/java/mariadb-java-client.jar';
const QUESTION = 'SELECT COUNT(*) AS n FROM things';

async function hasModule(name: string): Promise<boolean> {
  return run(PYTHON, ['-c', `import ${name}`]).then(
    () => true,
    () => false,
  );
}
const [hasPymysql, hasSqlalchemy] = await Promise.all([hasModule('pymysql'), hasModule('sqlalchemy')]);
const hasJdbc = existsSync(MARIADB_JDBC) && existsSync('/usr/bin/java');

describe.each(engines())('a connection works as it is given where TLS is required, on $flavour $version', (engine) => {
  let target: TestTarget;
  let task: Task;
  let clients: z.infer<typeof clientsView>;
  /** Where the client runs, with the files that came with the connection. */
  let folder: string;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: ['CREATE TABLE things (id INT PRIMARY KEY)', 'INSERT INTO things VALUES (1), (2), (3)'],
    });
    task = await openTask(broker(), target);
    clients = clientsView.parse(task.connection.clients);
    folder = join(makeTemporaryFolder(), 'client');
    await mkdir(folder);
    for (const [name, text] of Object.entries(task.connection.files)) await writeFile(join(folder, name), text);
  });
  afterAll(async () => {
    await task?.close();
    await target?.drop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const shell = async (line: string, path = process.env['PATH']) =>
    (await run('/bin/sh', ['-c', line], { cwd: folder, env: { PATH: path ?? '' } })).stdout;
  const python = async (script: string, given: unknown) =>
    (await run(PYTHON, ['-c', script, JSON.stringify(given)], { cwd: folder })).stdout.trim();

  test('the command line of mariadb', async () => {
    expect(await shell(`${clients.mariadb} --batch --skip-column-names --execute='${QUESTION}'`)).toBe('3\n');
  });

  test.skipIf(!mysql97.available)('the command line of mysql', async () => {
    const path = `${mysql97.available ? mysql97.bin : ''}:${process.env['PATH']}`;
    const line = `${clients.mysql} --batch --skip-column-names --execute='${QUESTION}'`;
    expect(await shell(line, path)).toBe('3\n');
  });

  test('the DSN, and the options, of mysql2', async () => {
    const { dsn } = task.connection;
    expect(clients.mysql2.uri).toBe(dsn);
    const { database, ...options } = clients.mysql2.options;
    for (const connecting of [
      mysql.createConnection(dsn),
      mysql.createConnection(database === undefined ? options : { ...options, database }),
    ]) {
      const connection = await connecting;
      expect((await connection.query(QUESTION))[0]).toEqual([{ n: 3 }]);
      await connection.end();
    }
  });

  test('the option file of mariadb, and of its other programs', async () => {
    const ask = `mariadb --defaults-file=doorwarden-mariadb.cnf --batch --skip-column-names --execute='${QUESTION}'`;
    expect(await shell(ask)).toBe('3\n');
    const ping = await shell('mariadb-admin --defaults-file=doorwarden-mariadb.cnf ping');
    expect(ping).toBe('mysqld is alive\n');
  });

  test.skipIf(!mysql97.available)('the option file of mysql', async () => {
    const program = join(mysql97.available ? mysql97.bin : '', 'mysql');
    // What starts it on this machine reads no option files, and only the first argument can name one.
    const started = (await readFile(program, 'utf8')).replace('--no-defaults', '--defaults-file=doorwarden-mysql.cnf');
    const ask = ['--batch', '--skip-column-names', `--execute=${QUESTION}`];
    const { stdout } = await run('/bin/sh', ['-c', started, program, ...ask], { cwd: folder });
    expect(stdout).toBe('3\n');
  });

  test('the environment, with the clients that read it', async () => {
    const { env } = task.connection;
    const options = `--host="$MYSQL_HOST" --port="$MYSQL_TCP_PORT" --user="$MYSQL_USER" --ssl-ca="$MYSQL_SSL_CA" "$MYSQL_DATABASE"`;
    const line = `mariadb ${options} --batch --skip-column-names --execute='${QUESTION}'`;
    const { stdout } = await run('/bin/sh', ['-c', line], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    expect(stdout).toBe('3\n');
    const connection = await mysql.createConnection(env['DATABASE_URL'] ?? '');
    expect((await connection.query(QUESTION))[0]).toEqual([{ n: 3 }]);
    await connection.end();
  });

  test.skipIf(!hasPymysql)('the options of PyMySQL', async () => {
    const script = `
import json, sys, pymysql
with pymysql.connect(**json.loads(sys.argv[1])) as connection, connection.cursor() as cursor:
    cursor.execute("${QUESTION}")
    print(cursor.fetchone()[0])`;
    expect(await python(script, clients.pymysql.options)).toBe('3');
  });

  test.skipIf(!hasPymysql || !hasSqlalchemy)('the URL of SQLAlchemy', async () => {
    const script = `
import json, sys, sqlalchemy
with sqlalchemy.create_engine(json.loads(sys.argv[1])).connect() as connection:
    print(connection.execute(sqlalchemy.text("${QUESTION}")).scalar())`;
    expect(await python(script, clients.sqlalchemy.url)).toBe('3');
  });

  test.skipIf(!hasJdbc)(
    'the URL of JDBC, with MariaDB’s driver',
    async () => {
      await writeFile(
        join(folder, 'Ask.java'),
        `import java.sql.*;
       public class Ask {
         public static void main(String[] args) throws Exception {
           try (Connection connection = DriverManager.getConnection(args[0]);
                ResultSet rows = connection.createStatement().executeQuery("${QUESTION}")) {
             rows.next();
             System.out.println(rows.getInt(1));
           }
         }
       }`,
      );
      const java = ['-Xmx128m', '-cp', MARIADB_JDBC, 'Ask.java', clients.jdbc.mariadb];
      const { stdout } = await run('/usr/bin/java', java, { cwd: folder });
      expect(stdout).toBe('3\n');
    },
    120_000,
  );
});
