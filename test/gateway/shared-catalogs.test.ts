import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CatalogSnapshot } from '../../src/protocols/sql/catalog.js';
import { newGrantId, newId } from '../../src/domain/ids.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { UNREAD } from '../../src/protocols/sql/catalog/catalog-watch.js';
import type { GrantCatalog } from '../../src/protocols/mysql/catalog/shared-catalog.js';
import { SharedCatalogs } from '../../src/protocols/mysql/catalog/shared-catalogs.js';
import { GrantGuard, type GuardTools } from '../../src/protocols/mysql/grant/grant-guard.js';
import type { MysqlOrder } from '../../src/protocols/mysql/grant-order.js';
import { quoteDatabasePattern, quoteIdentifier } from '../../src/protocols/mysql/account/sql-quote.js';
import { systemClock } from '../../src/kernel/clock.js';
import { outcomeOf, type Outcome } from '../support/approvals.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { provision, type Provisioned } from '../support/task-account.js';
import { makeAccount, makeTarget, openTask, type ServerAccount, type TestTarget } from '../support/task.js';
import { startTripwireProxy, type TripwireProxy } from '../support/tripwire-proxy.js';

const SCHEMA = ['CREATE TABLE shown (id INT PRIMARY KEY)', 'CREATE TABLE secret (id INT PRIMARY KEY)'];
/** Of the statements of one reading, the one that is sent for each round and for nothing else. */
const READING = /FROM information_schema\.TABLES/;
const MINUTE_MS = 60_000;
/** Longer than a change of another grant may have to wait for the one before. */
const TOLD_MS_MAX = 15_000;

/** Whatever a grant may have may run, but people decide on who changes one of the tables, by whatever leads there. */
const broker = useSharedBroker(`permit (principal, action, resource) when { context.approved };
permit (principal, action, resource) unless { action == Action::"insert" && resource.name == "secret" };`);

describe.each(engines())('catalogs of $flavour $version that grants share', (engine) => {
  let shop: Provisioned;
  let wire: TripwireProxy;
  let narrow: ServerAccount;
  let readings = 0;
  const admins = new AdminPool();
  const used: GrantCatalog[] = [];

  beforeAll(async () => {
    wire = await startTripwireProxy(engine, (text) => {
      if (READING.test(text)) readings += 1;
    });
    shop = await provision(engine, { schema: SCHEMA, via: wire });
    narrow = await makeAccount(engine);
    await runAsRoot(engine, [
      `GRANT SELECT ON ${quoteIdentifier(shop.database)}.shown TO ${narrow.quoted}`,
      `GRANT TRIGGER, SHOW VIEW ON ${quoteDatabasePattern(shop.database)}.* TO ${shop.provisioner.quoted}`,
    ]);
  });
  afterAll(async () => {
    await Promise.all(used.map((catalog) => catalog.close()));
    admins.close();
    await shop?.drop();
    await runAsRoot(engine, [`DROP USER ${narrow.quoted}`]);
    await wire?.close();
  });

  const TARGET = newId();
  type Change = Partial<MysqlOrder['target']> & { readonly databases?: readonly string[] };

  /** A grant's order; all of them see the shop alike unless something is changed. */
  function order({ databases = [shop.database], ...target }: Change = {}): MysqlOrder {
    const { username, password } = shop.provisioner;
    return {
      id: newGrantId(),
      principal: { id: newId(), name: 'bot', kind: 'agent' },
      task: { title: 'A test' },
      access: databases.map((database) => ({ database, privileges: ['SELECT'] })),
      onHold: 'wait',
      deadlineMs: systemClock.nowMs() + MINUTE_MS,
      taskAccount: 'dw_of_this_test',
      database: shop.database,
      sessionsMax: 1,
      target: {
        id: TARGET,
        name: 'shop',
        protocol: 'mysql',
        endpoint: { host: wire.host, port: wire.port, tls: { mode: 'off' } },
        credentials: 'dynamic',
        login: { username, password },
        labels: {},
        report: {
          flavour: engine.flavour,
          version: engine.version,
          capabilities: 0,
          collation: 45,
          authPlugin: '',
          tls: null,
          checkedAt: '2026-01-01T00:00:00Z',
        },
        ...target,
      },
    };
  }

  /** Of a broker that does not know its policies, so that no grant opens. */
  function toolsWith(catalogs: SharedCatalogs): GuardTools {
    const nobody = (): Promise<never> => Promise.reject(new Error('nobody is asked'));
    return {
      policies: { current: () => undefined },
      opinions: { ask: nobody },
      desk: { ask: nobody, show: nobody, settled: nobody, use: nobody },
      admins,
      catalogs,
      clock: systemClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      tricks: { verdictsBy: 'shape' },
    };
  }

  const newCatalogs = (): SharedCatalogs => new SharedCatalogs({ admins, clock: systemClock });

  function use(catalogs: SharedCatalogs, change?: Change): GrantCatalog {
    const catalog = catalogs.use(order(change));
    used.push(catalog);
    return catalog;
  }

  async function readingsOf<T>(work: () => Promise<T>): Promise<{ readonly count: number; readonly result: T }> {
    const before = readings;
    const result = await work();
    return { result, count: readings - before };
  }

  const tablesOf = ({ tables }: CatalogSnapshot): readonly string[] =>
    [...tables.values()].map(({ table }) => table).sort();

  test('are read once for a hundred grants of the same sight, which keep one snapshot among them', async () => {
    const catalogs = newCatalogs();
    const openMany = (count: number): Promise<readonly CatalogSnapshot[]> =>
      Promise.all(Array.from({ length: count }, () => use(catalogs).present(MINUTE_MS)));
    await openMany(50);
    // Other tests may define things on the server, and then a new grant has it read again.
    await vi.waitFor(
      async () => {
        const [snapshot] = await openMany(1);
        const { count, result } = await readingsOf(() => openMany(50));
        expect(count).toBe(0);
        expect(new Set([snapshot, ...result]).size).toBe(1);
      },
      { timeout: 45_000 },
    );
    const { count, result } = await readingsOf(() =>
      Promise.all(Array.from({ length: 50 }, () => use(catalogs).snapshot(MINUTE_MS))),
    );
    expect(count).toBe(0);
    expect(new Set(result).size).toBe(1);
    expect(catalogs.count).toBe(1);
  });

  test('are the grants own where anything of their sight differs', async () => {
    const catalogs = newCatalogs();
    const { login, endpoint } = order().target;
    const straight = { host: engine.host, port: engine.port, tls: { mode: 'off' as const } };
    const changes: readonly Change[] = [
      {},
      { id: newId() },
      { databases: [shop.database, `${shop.database}_2`] },
      { databases: [shop.database.toUpperCase()] },
      { endpoint: straight },
      { endpoint: { ...endpoint, tls: { mode: 'off', serverName: 'db.example' } } },
      { login: { username: narrow.username, password: narrow.password } },
    ];
    const read = await readingsOf(async () => {
      const snapshots: CatalogSnapshot[] = [];
      for (const change of changes) snapshots.push(await use(catalogs, change).present(MINUTE_MS));
      return snapshots;
    });
    expect(new Set(read.result).size).toBe(changes.length);
    expect(read.count).toBe(changes.length - 1); // one of them goes past the wire
    expect(catalogs.count).toBe(changes.length);
    // A password that is none gets nothing of what others have read.
    const stranger = use(catalogs, { login: { ...login, password: 'another' } });
    await expect(stranger.present(MINUTE_MS)).rejects.toMatchObject({ code: 'target_login_refused' });
    expect(stranger.fresh(MINUTE_MS)).toBeUndefined();
  });

  test('show an account that may see less no name that only another may see', async () => {
    const catalogs = newCatalogs();
    const all = await use(catalogs).present(MINUTE_MS);
    const { username, password } = narrow;
    const few = await use(catalogs, { login: { username, password } }).present(MINUTE_MS);
    expect(tablesOf(all)).toEqual(['secret', 'shown']);
    expect(tablesOf(few)).toEqual(['shown']);
    expect(JSON.stringify([...few.tables])).not.toContain('secret');
  });

  test('have what another grant has changed at once, however it sees the target', async () => {
    const catalogs = newCatalogs();
    const [changer, other, elsewhere] = [
      use(catalogs),
      use(catalogs),
      use(catalogs, { databases: [shop.database, `${shop.database}_2`] }),
    ];
    const told: string[] = [];
    for (const [name, catalog] of Object.entries({ changer, other, elsewhere })) {
      await catalog.present(MINUTE_MS);
      catalog.follow({ onVersion: () => {}, onOutdated: () => told.push(name), takeWasAsked: () => false });
    }
    await shop.root('CREATE VIEW late AS SELECT id FROM shown');
    changer.outdate();
    expect(told).toEqual(['other', 'elsewhere']);
    for (const catalog of [changer, other, elsewhere]) expect(catalog.fresh(MINUTE_MS)).toBeUndefined();
    for (const catalog of [other, elsewhere, changer]) {
      expect(tablesOf(await catalog.snapshot(MINUTE_MS))).toContain('late');
      expect(catalog.fresh(MINUTE_MS)).toBeDefined();
    }
    await shop.root('DROP VIEW late');
  });

  test('are not read for all again and again because one grant changes things without end', async () => {
    const catalogs = newCatalogs();
    const [restless, calm] = [use(catalogs), use(catalogs)];
    await Promise.all([restless, calm].map((catalog) => catalog.present(MINUTE_MS)));
    let told = 0;
    calm.follow({ onVersion: () => {}, onOutdated: () => (told += 1), takeWasAsked: () => false });
    restless.outdate();
    await calm.snapshot(MINUTE_MS);
    for (let count = 0; count < 100; count += 1) restless.outdate();
    expect(told).toBe(1);
    expect(calm.fresh(MINUTE_MS)).toBeDefined();
    expect(restless.fresh(MINUTE_MS)).toBeUndefined();
    // Nothing is forgotten: the last of them is told as well.
    await expect.poll(() => told, { timeout: TOLD_MS_MAX }).toBe(2);
    expect(calm.fresh(MINUTE_MS)).toBeUndefined();
    // A grant that changes things faster than they can be read stops itself alone.
    const changing = setInterval(() => restless.outdate(), 1);
    await expect(calm.snapshot(MINUTE_MS)).resolves.toBeDefined();
    await expect(restless.snapshot(0)).rejects.toMatchObject({ code: 'target_unreachable' });
    clearInterval(changing);
  });

  test.each([
    ['a statement', ['CREATE VIEW late AS SELECT id FROM shown']],
    ['a prepared statement', ["PREPARE p FROM 'CREATE VIEW late AS SELECT id FROM shown'", 'EXECUTE p']],
    [
      'stored code',
      ['CREATE PROCEDURE makes() CREATE VIEW late AS SELECT id FROM shown', 'CALL makes()', 'DROP PROCEDURE makes'],
    ],
  ])('show a new grant what %s has defined on the server just before', async (_, statements) => {
    const catalogs = newCatalogs();
    const before = await use(catalogs).present(MINUTE_MS);
    await shop.root(...statements);
    const after = await use(catalogs).present(MINUTE_MS);
    expect(tablesOf(before)).not.toContain('late');
    expect(tablesOf(after)).toContain('late');
    await shop.root('DROP VIEW late', 'CREATE TRIGGER late AFTER DELETE ON shown FOR EACH ROW DELETE FROM secret');
    expect((await use(catalogs).present(MINUTE_MS)).triggers.size).toBe(1);
    await shop.root('DROP TRIGGER late', 'ALTER TABLE shown ENGINE=MyISAM');
    const [shown] = [...(await use(catalogs).present(MINUTE_MS)).tables.values()].filter(
      ({ table }) => table === 'shown',
    );
    expect(shown?.engine).toBe('MyISAM');
    await shop.root('ALTER TABLE shown ENGINE=InnoDB');
  });

  test('tell every grant of a change that nobody announced, by one reading for all', { timeout: 90_000 }, async () => {
    const catalogs = newCatalogs();
    const grants = Array.from({ length: 5 }, () => use(catalogs));
    const versions = grants.map((): string[] => []);
    for (const [index, grant] of grants.entries()) {
      await grant.present(MINUTE_MS);
      grant.follow({
        onVersion: (version) => versions[index]?.push(version),
        onOutdated: () => {},
        takeWasAsked: () => index === 3, // one that works is enough for all
      });
    }
    await shop.root('CREATE VIEW late AS SELECT id FROM shown');
    const { count } = await readingsOf(() =>
      expect.poll(() => versions.map(({ length }) => length), { timeout: 60_000 }).toEqual([1, 1, 1, 1, 1]),
    );
    expect(count).toBe(1);
    expect(new Set(versions.flat())).toEqual(new Set([grants[0]?.fresh(MINUTE_MS)?.version]));
    expect(versions.flat()).not.toContain(UNREAD);
    await shop.root('DROP VIEW late');
  });

  test('that could not be read are read again by the next who asks, and by the one who waited for the same reading', async () => {
    const catalogs = newCatalogs();
    const [first, joined] = [use(catalogs), use(catalogs)];
    const cut = wire.arm({
      text: READING,
      moment: 'before',
      onTrip: () => {
        wire.cut();
        wire.mend();
      },
    });
    const asked = Promise.allSettled([first, joined].map((catalog) => catalog.snapshot(0)));
    await cut;
    const [failed, read] = await asked;
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'target_unreachable' } });
    expect(read).toMatchObject({ status: 'fulfilled' });
    expect(tablesOf(await first.snapshot(MINUTE_MS))).toEqual(['secret', 'shown']);

    wire.cut();
    await expect(joined.snapshot(0)).rejects.toMatchObject({ code: 'target_unreachable' });
    expect(first.fresh(MINUTE_MS)).toBeUndefined();
    wire.mend();
    expect(tablesOf(await first.snapshot(MINUTE_MS))).toEqual(['secret', 'shown']);
  });

  test('wait for no other target that does not answer', async () => {
    const catalogs = newCatalogs();
    const stalled = wire.arm({ text: READING, moment: 'before', onTrip: () => undefined });
    const waiting = Promise.allSettled([use(catalogs).present(MINUTE_MS)]);
    await stalled;
    const straight = { host: engine.host, port: engine.port, tls: { mode: 'off' as const } };
    const other = await use(catalogs, { id: newId(), endpoint: straight }).present(MINUTE_MS);
    expect(tablesOf(other)).toEqual(['secret', 'shown']);
    wire.cut();
    wire.mend();
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: { code: 'target_unreachable' } }]);
  });

  test('are kept until the last of their grants ends', async () => {
    const catalogs = newCatalogs();
    const [one, other] = [use(catalogs), use(catalogs)];
    const snapshot = await one.present(MINUTE_MS);
    await one.close();
    await one.close();
    expect(catalogs.count).toBe(1);
    expect(await other.snapshot(MINUTE_MS)).toBe(snapshot);
    await other.close();
    expect(catalogs.count).toBe(0);
    await expect(GrantGuard.prepare(order(), toolsWith(catalogs), () => {})).rejects.toMatchObject({
      code: 'policy_unavailable',
    });
    expect(catalogs.count).toBe(0);
    const next = use(catalogs);
    expect(next.fresh(MINUTE_MS)).toBeUndefined();
    await other.close(); // leaves what has taken its place
    expect(catalogs.count).toBe(1);
  });
});

describe.each(engines())('verdicts by a catalog of $flavour $version that grants share', (engine) => {
  let target: TestTarget;

  beforeAll(async () => {
    target = await makeTarget(broker(), engine, {
      schema: [...SCHEMA, 'CREATE TABLE unread (id INT PRIMARY KEY)'],
      privileges: ['SELECT', 'INSERT', 'TRIGGER'],
    });
  });
  afterAll(() => target?.drop());

  test('a trigger that one grant makes counts for the others at once, also for shapes that they have sent before', async () => {
    const [changer, reader] = [await openTask(broker(), target), await openTask(broker(), target, { onHold: 'error' })];
    await withMysql2(reader.login, async (client) => {
      let id = 0;
      const insert = (): Promise<Outcome<unknown>> =>
        outcomeOf(client.query(`INSERT INTO shown (id) VALUES (${(id += 1)})`));
      for (let times = 0; times < 3; times += 1) expect((await insert()).error).toBeUndefined();
      await withMysql2(changer.login, (other) =>
        other.query('CREATE TRIGGER copies AFTER INSERT ON shown FOR EACH ROW INSERT INTO secret VALUES (NEW.id)'),
      );
      expect((await insert()).error).toMatchObject({ message: expect.stringContaining('statement_held') });
    });
    await Promise.all([changer.close(), reader.close()]);
  });

  test('a grant on one table learns nothing of the others from the grant that reads them all', async () => {
    const { database } = target;
    const [whole, single] = [
      await openTask(broker(), target),
      await openTask(broker(), target, { access: [{ database, tables: ['shown'], privileges: ['SELECT'] }] }),
    ];
    await withMysql2(whole.login, (client) => client.query('SELECT id FROM shown'));
    await withMysql2(single.login, async (client) => {
      const [rows] = await client.query('SELECT id FROM shown');
      expect(rows).toBeDefined();
      const answer = async (table: string): Promise<string> => {
        const { error } = await outcomeOf(client.query(`SELECT id FROM ${table}`));
        return String(error?.message).replaceAll(table, '?').replaceAll(/\d+/g, 'n');
      };
      expect(await answer('unread')).toBe(await answer('missed'));
    });
    await Promise.all([whole.close(), single.close()]);
  });
});
