import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type RowDataPacket } from 'mysql2';
import { type Connection } from 'mysql2/promise';
import type { Access } from '../../src/protocols/sql/access.js';
import type { AffectedPreview } from '../../src/domain/approval.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { newGrantId } from '../../src/domain/ids.js';
import type { SqlDialect } from '../../src/protocols/mysql/sql/text/dialect.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { TargetCatalog } from '../../src/protocols/mysql/catalog/target-catalog.js';
import type { MysqlOrder } from '../../src/protocols/mysql/grant-order.js';
import { executePayload } from '../../src/protocols/mysql/preview/execute-payload.js';
import { previewAccountName } from '../../src/protocols/mysql/preview/preview-account.js';
import { type PreviewedStatement } from '../../src/protocols/mysql/preview/previewed-statement.js';
import {
  sessionSettingsQuery,
  settingsOfRow,
  type SessionSettings,
} from '../../src/protocols/mysql/preview/session-settings.js';
import { Previewer, type PreviewerOptions } from '../../src/protocols/mysql/preview/previewer.js';
import { systemClock } from '../../src/kernel/clock.js';
import type { RecordedValue } from '../../src/protocols/sql/bound-values.js';
import { analyse } from '../../src/protocols/mysql/sql/analyse.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { CLIENT_FOUND_ROWS, CLIENT_PROTOCOL_41 } from '../../src/protocols/mysql/wire/login/capabilities.js';
import { COM_QUERY, COM_STMT_EXECUTE } from '../../src/protocols/mysql/wire/commands.js';
import { decodeResponse } from '../../src/protocols/mysql/wire/response/result-decoder.js';
import { WireClient } from '../clients/wire-client.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { rootLogin, runAsRoot } from '../support/databases.js';
import { type DatabaseAddress } from '../support/servers/database-server.js';
import { makeAccount, NOTHING_LEFT, provisioningGrants, tracesOf, type ServerAccount } from '../support/task.js';

const PRIVILEGES = 'SELECT, INSERT, UPDATE, DELETE, DROP, TRIGGER, SHOW VIEW';

const SCHEMA = [
  `CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(40), n INT, price DECIMAL(12,4), ratio DOUBLE, small FLOAT,
     day DATE, at DATETIME(6), clock TIME(6), raw VARBINARY(40), flags BIT(4), note TEXT, big BIGINT UNSIGNED,
     INDEX (name)) CHARACTER SET utf8mb4`,
  `INSERT INTO items VALUES
     (1, 'apple', 5, 1.5, 0.1, 0.1, '2026-01-31', '2026-01-31 10:00:00.5', '10:00:00', X'00FF', b'101', 'a', 18446744073709551615),
     (2, 'Apple', 5, 2.5, 0.2, 0.2, '2026-02-01', '2026-01-31 10:00:00', '-01:00:00', X'6170', b'1', 'b', 1),
     (3, '5', NULL, 1.5000, 0.3, 0.3, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
     (4, '5x', 7, -1, 1e300, 1.5, '2026-01-31', '2026-01-31 10:00:00.500000', '100:00:00', X'', b'0', 'it''s', 2),
     (5, 'äpple', 0, 0, -0.5, -0.5, '2025-12-31', '1999-01-01 00:00:00', '00:00:00.25', X'2725', b'1111', REPEAT('long ', 100), 3),
     (6, 'x? -- y', 5, 9, 9, 9, '2026-01-31', '2026-01-31 10:00:00.5', '10:00:00', X'00FF', b'101', 'a', 4)`,
  'CREATE TABLE parts (item INT, part INT, qty INT, PRIMARY KEY (item, part), FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE)',
  'INSERT INTO parts VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30), (4, 9, 0)',
  'CREATE TABLE keyless (item INT, t VARCHAR(9))',
  "INSERT INTO keyless VALUES (1, 'a'), (1, 'a'), (2, 'b')",
  'CREATE TABLE audit (id INT PRIMARY KEY AUTO_INCREMENT, what VARCHAR(40))',
  "CREATE TRIGGER items_noted AFTER UPDATE ON items FOR EACH ROW INSERT INTO audit (what) VALUES ('u')",
  'CREATE TABLE numbers (n INT PRIMARY KEY)',
  `INSERT INTO numbers SELECT a.d * 100 + b.d * 10 + c.d FROM
     (${digits()}) a JOIN (${digits()}) b JOIN (${digits()}) c`,
  'CREATE TABLE hidden (id INT PRIMARY KEY)',
  'INSERT INTO hidden VALUES (1)',
  'CREATE FUNCTION write_it(x INT) RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO audit (what) VALUES (x); RETURN 1; END',
  'CREATE VIEW fives AS SELECT id, name, n FROM items WHERE n = 5',
  'CREATE VIEW joined AS SELECT items.id, items.name, parts.qty FROM items JOIN parts ON parts.item = items.id',
  'CREATE VIEW recent AS SELECT id, name FROM items WHERE at < NOW()',
  'CREATE TABLE bag (id INT PRIMARY KEY) ENGINE = MyISAM',
  'INSERT INTO bag VALUES (1)',
  'CREATE VIEW calling AS SELECT id, name FROM items WHERE write_it(id) = 1',
];

function digits(): string {
  return Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
}

/** A shop on one server for the tests of one file; after each test it must be as it was, and no account be left. */
export function usePreviewShop(engine: DatabaseAddress): () => PreviewShop {
  let shop: PreviewShop | undefined;
  let before: unknown;
  const opened = (): PreviewShop => {
    if (shop === undefined) throw new Error('The shop is there only while tests run');
    return shop;
  };
  beforeAll(async () => {
    shop = await PreviewShop.open(engine);
    before = await shop.contents();
  });
  afterEach(async () => {
    const { database, taskAccount } = opened();
    expect(await tracesOf({ engine, database }, previewAccountName(taskAccount))).toEqual(NOTHING_LEFT);
    expect(await opened().contents()).toEqual(before);
  });
  afterAll(() => shop?.close());
  return opened;
}

export class PreviewShop {
  readonly admins = new AdminPool();
  readonly database = `t_${randomBytes(6).toString('hex')}`;
  readonly taskAccount = `dw_${this.database}`;
  readonly dialect: SqlDialect;
  /** What a new session on the server has. */
  #settings: SessionSettings | undefined;

  static async open(engine: DatabaseAddress): Promise<PreviewShop> {
    const shop = new PreviewShop(engine, await makeAccount(engine));
    const { database, provisioner } = shop;
    await runAsRoot(engine, [
      `CREATE DATABASE ${database} CHARACTER SET utf8mb4`,
      ...provisioningGrants(engine.flavour, { account: provisioner.quoted, database, privileges: PRIVILEGES }),
    ]);
    for (const statement of SCHEMA) await shop.rootRows(statement);
    shop.#settings = await withMysql2(rootLogin(engine), async (connection) => {
      await connection.query("SET SESSION sql_mode = ''");
      return shop.settingsOf(connection);
    });
    return shop;
  }

  private constructor(
    readonly engine: DatabaseAddress,
    readonly provisioner: ServerAccount,
  ) {
    this.dialect = dialectOf({ flavour: engine.flavour, version: engine.version, sqlMode: '' });
  }

  async close(): Promise<void> {
    this.admins.close();
    await runAsRoot(this.engine, [`DROP DATABASE ${this.database}`, `DROP USER ${this.provisioner.quoted}`]);
  }

  /** What a session has set. */
  async settingsOf(connection: Connection): Promise<SessionSettings> {
    const [[row]] = await connection.query<RowDataPacket[][]>({
      sql: sessionSettingsQuery(this.engine.flavour),
      rowsAsArray: true,
    });
    const settings = settingsOfRow(row?.map(String), this.engine.flavour);
    if (settings === undefined) throw new Error('A session of a test can be followed');
    return settings;
  }

  rootRows(statement: string): Promise<RowDataPacket[]> {
    return withMysql2({ ...rootLogin(this.engine), database: this.database }, async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>(statement);
      return rows;
    });
  }

  /** Sessions of the preview account that run something now. */
  async previewThreads(): Promise<number> {
    const name = previewAccountName(this.taskAccount);
    const threads = `SELECT 1 FROM information_schema.processlist WHERE USER = '${name}' AND INFO LIKE '%numbers%'`;
    return (await this.rootRows(threads)).length;
  }

  /** A checksum of every table: what a preview must not change. */
  contents(): Promise<unknown> {
    return this.rootRows('CHECKSUM TABLE items, parts, keyless, audit, numbers, hidden');
  }

  order(more: Partial<MysqlOrder> = {}, login = this.provisioner): MysqlOrder {
    const access: readonly Access[] = [
      {
        database: this.database,
        tables: [
          'items',
          'parts',
          'keyless',
          'numbers',
          'audit',
          'fives',
          'joined',
          'recent',
          'aged',
          'bag',
          'calling',
          'nothing_there',
        ],
        privileges: ['SELECT', 'UPDATE', 'DELETE'],
      },
    ];
    return {
      id: newGrantId(),
      principal: { id: 'p', name: 'p', kind: 'agent' },
      task: { title: 'a task' },
      access,
      onHold: 'wait',
      deadlineMs: Date.now() + 60_000,
      taskAccount: this.taskAccount,
      database: this.database,
      sessionsMax: 4,
      ...more,
      target: {
        id: 't',
        name: 't',
        protocol: 'mysql',
        endpoint: { host: this.engine.host, port: this.engine.port, tls: { mode: 'off' } },
        credentials: 'dynamic',
        login: { username: login.username, password: login.password },
        labels: {},
        report: {
          flavour: this.engine.flavour,
          version: this.engine.version,
          capabilities: 0,
          collation: 45,
          authPlugin: '',
          tls: null,
          checkedAt: '',
        },
        ...more.target,
      },
    };
  }

  previewer(given = this.order(), limits: PreviewerOptions['limits'] = {}): Previewer {
    const { login, endpoint } = given.target;
    const catalog = new TargetCatalog({
      withAdmin: (work) => this.admins.use({ endpoint, ...login }, work),
      databases: [this.database],
      clock: systemClock,
    });
    return new Previewer({ admins: this.admins, order: given, catalog, clock: systemClock, limits });
  }

  statementOf(text: string, more: Partial<PreviewedStatement> = {}): PreviewedStatement {
    const bytes = Buffer.from(text);
    return {
      text: bytes,
      values: undefined,
      database: this.database,
      dialect: this.dialect,
      facts: analyse(bytes, this.dialect, this.database).facts,
      inTransaction: false,
      thread: 0,
      settings: this.#settings,
      ...more,
    };
  }

  preview(text: string, more: Partial<PreviewedStatement> = {}): Promise<StatementPreview> {
    return this.previewer().preview(this.statementOf(text, more));
  }

  async why(text: string, more: Partial<PreviewedStatement> = {}): Promise<string> {
    const { affected } = await this.preview(text, more);
    return affected.kind === 'unknown' ? affected.why : `exactly ${affected.rows} rows`;
  }

  /** What the server itself says that it has matched, and then forgets. */
  async matchedBy(text: string, values: readonly RecordedValue[] = []): Promise<AffectedPreview> {
    const login = { ...rootLogin(this.engine), database: this.database };
    const { client } = await WireClient.logIn(login, { capabilities: CLIENT_FOUND_ROWS });
    try {
      await client.query("SET SESSION sql_mode = ''");
      await client.query('BEGIN');
      const { id, answer } = await client.prepare(text);
      const payload = executePayload(id, values);
      if (id === 0 || payload === undefined) throw new Error(`not prepared: ${answer.toString('latin1')}`);
      const response = await client.exchange(COM_STMT_EXECUTE, payload.subarray(1));
      const [result] = decodeResponse(response, {
        capabilities: (CLIENT_FOUND_ROWS | CLIENT_PROTOCOL_41) >>> 0,
        command: COM_QUERY,
      }).results;
      await client.query('ROLLBACK');
      if (result?.kind !== 'ok') throw new Error(`no OK: ${response.toString('latin1')}`);
      return { kind: 'exact', rows: Number(result.affectedRows) };
    } finally {
      client.close();
    }
  }
}
