import { randomBytes } from 'node:crypto';
import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NeededPrivilege } from '../../src/protocols/sql/privilege.js';
import { type StatementAction, type StatementFacts } from '../../src/protocols/sql/statement.js';
import { describePrivilege } from '../../src/protocols/sql/privileges/describe-privilege.js';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { neededPrivileges } from '../../src/protocols/mysql/sql/needed-privileges.js';
import { rootLogin } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { errnoOf } from '../support/task-account.js';
import { NEEDING, type Needing, OBJECTS } from './privileges/statements.js';

/** The server says that the account may not: command on a table, on a column, a database, a routine, a view's definer. */
const DENIED: ReadonlySet<number> = new Set([1142, 1143, 1044, 1370, 1227, 1045, 1356, 1049]);
/** GRANT of anything but CREATE on a table that is not there yet. */
const NO_SUCH_TABLE = 1146;
const ROLLED_BACK: ReadonlySet<StatementAction> = new Set(['read', 'insert', 'update', 'delete', 'replace']);

describe.each(engines())('the privileges that a statement needs on $flavour $version', (engine) => {
  const dialect = dialectOf({ flavour: engine.flavour, version: engine.version, sqlMode: '' });
  const own = NEEDING.filter(({ only }) => only === undefined || only === engine.flavour);
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open(engine);
  });
  afterAll(() => bench?.close());

  test.each(own)('are enough, and none of them can be left out: $text', async ({ text, spare }: Needing) => {
    const { flavour } = engine;
    const { facts } = analyse(Buffer.from(text), dialect, bench.database);
    expect(facts.notUnderstood).toBeNull();
    const needed = neededPrivileges(facts, engine.flavour);
    const needless: string[] = [];
    for (const missing of needed) {
      const others = needed.filter((privilege) => privilege !== missing);
      const errno = await bench.run(text, facts, others);
      if (errno === null || !DENIED.has(errno)) needless.push(bench.named(missing));
    }
    expect(await bench.run(text, facts, needed)).toBeNull();
    expect(needless).toEqual((spare !== undefined && 'mariadb' in spare ? spare[flavour] : spare) ?? []);
  });
});

/** A database that is made again whenever a statement has changed it, and an account that has just what it is given. */
class Bench {
  readonly database: string;
  readonly #engine: DatabaseAddress;
  readonly #root: Connection;
  readonly #password = randomBytes(12).toString('hex');
  #isFresh = false;

  private constructor(engine: DatabaseAddress, root: Connection) {
    this.database = `t_${randomBytes(6).toString('hex')}`;
    this.#engine = engine;
    this.#root = root;
  }

  static async open(engine: DatabaseAddress): Promise<Bench> {
    return new Bench(engine, await mysql.createConnection({ ...rootLogin(engine), multipleStatements: true }));
  }

  async close(): Promise<void> {
    const { database } = this;
    await this.#root.query(`DROP DATABASE IF EXISTS ${database}`);
    await this.#root.query(`DROP USER IF EXISTS '${database}'@'%', '${database}_d'@'%'`);
    await this.#root.end();
  }

  /** Runs it as an account with these privileges alone; the server's error number, null when it ran. */
  async run(text: string, facts: StatementFacts, privileges: readonly NeededPrivilege[]): Promise<number | null> {
    await this.#prepare();
    await this.#grant(privileges);
    const connection = await mysql.createConnection({
      host: this.#engine.host,
      port: this.#engine.port,
      user: this.database,
      password: this.#password,
      database: this.database,
    });
    try {
      await connection.beginTransaction();
      const error = await errnoOf(connection.query(text));
      const errno = error === null ? null : Number(error);
      // Changed rows go with the connection.
      if (errno === null && !ROLLED_BACK.has(facts.action)) this.#isFresh = false;
      return errno;
    } finally {
      connection.destroy();
    }
  }

  /** Without the name of the database. */
  named(privilege: NeededPrivilege): string {
    return describePrivilege(privilege).replace(`${this.database}.`, '');
  }

  async #prepare(): Promise<void> {
    if (!this.#isFresh) {
      const { database } = this;
      const objects = OBJECTS.filter(({ only }) => only === undefined || only === this.#engine.flavour);
      const definer = `'${database}_d'@'%'`;
      await this.#root.query(
        [
          `DROP DATABASE IF EXISTS ${database}`,
          `CREATE DATABASE ${database}`,
          `USE ${database}`,
          `CREATE USER IF NOT EXISTS ${definer}`,
          `GRANT ALL ON ${database}.* TO ${definer}`,
          ...objects.map(({ text }) => text.replace('DEFINER = definer', `DEFINER = ${definer}`)),
        ].join('; '),
      );
      this.#isFresh = true;
    }
    const account = `'${this.database}'@'%'`;
    await this.#root.query(
      `DROP USER IF EXISTS ${account}; CREATE USER ${account} IDENTIFIED BY '${this.#password}';
       GRANT SELECT ON ${this.database}.anchor TO ${account}`, // to be let into the database
    );
  }

  async #grant(privileges: readonly NeededPrivilege[]): Promise<void> {
    const byPlace = new Map<string, NeededPrivilege['privilege'][]>();
    for (const needed of privileges) {
      const place = placeOf(needed);
      byPlace.set(place, [...(byPlace.get(place) ?? []), needed.privilege]);
    }
    for (const [place, names] of byPlace) {
      const errno = await errnoOf(this.#root.query(`GRANT ${names.join(', ')} ON ${place} TO '${this.database}'@'%'`));
      if (errno !== null) expect(errno).toBe(NO_SUCH_TABLE);
    }
  }
}

function placeOf(needed: NeededPrivilege): string {
  if (needed.on === 'table') return `\`${needed.database}\`.\`${needed.table}\``;
  if (needed.on === 'database') return `\`${needed.database}\`.*`;
  if (needed.on === 'routine-texts') throw new Error('No statement is known by its text alone to need that');
  return `${needed.routine} \`${needed.database}\`.\`${needed.name}\``;
}
