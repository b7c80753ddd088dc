import { afterAll, beforeAll } from 'vitest';
import type { ResultSetHeader } from 'mysql2';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { quoteDatabasePattern } from '../../src/protocols/mysql/account/sql-quote.js';
import { outcomeOf, type Outcome } from '../support/approvals.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import type { ClientLogin } from '../support/clients/program.js';
import type { DatabaseAddress } from '../support/servers/database-server.js';
import {
  type CallableBroker,
  makeTarget,
  openTask,
  type TargetOptions,
  type Task,
  type TestTarget,
} from '../support/task.js';

/** The default policies, and tables whose changes are held in each of the ways that a policy can ask for. */
export const HELD_POLICIES = `${DEFAULT_POLICY_TEXT}
@id("brief")
@hold("1s")
permit (principal, action in Action::"write", resource is Table)
when { context.approved && resource.name == "brief" };

@id("briefly-in-transaction")
@transactionHold("1s")
permit (principal, action in Action::"write", resource is Table)
when { context.approved && resource.name == "patient" };

@id("briefly-read")
@transactionHold("1s")
permit (principal, action == Action::"read", resource is Table)
when { resource.name == "guarded" };

@id("never-in-transaction")
@inTransaction("refuse")
permit (principal, action in Action::"write", resource is Table)
when { context.approved && resource.name == "strict" };

@id("not-while-locked")
@inTransaction("rollback")
permit (principal, action in Action::"write", resource is Table)
when { context.approved && resource.name == "undone" };

@id("four-eyes")
@quorum("2")
permit (principal, action in Action::"write", resource is Table)
when { context.approved && resource.name == "paired" };
`;

const TABLES = ['orders', 'brief', 'patient', 'strict', 'undone', 'paired', 'gone'];

/** Tables of three rows each; `runs` counts what ran. */
const SCHEMA = [
  ...TABLES.flatMap((table) => [
    `CREATE TABLE ${table} (id INT PRIMARY KEY, runs INT NOT NULL DEFAULT 0, note VARCHAR(200))`,
    `INSERT INTO ${table} (id) VALUES (1), (2), (3)`,
  ]),
  'CREATE TABLE guarded (id INT PRIMARY KEY)',
  'CREATE TABLE digits (digit INT PRIMARY KEY)',
  'INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)',
];

/** A target whose statements are held, for the tests of one file or `describe`. */
export interface HeldShop {
  readonly target: TestTarget;
  /** A new task on rows that nobody has changed. */
  newTask(ttlSeconds?: number): Promise<Task>;
  /** How often an UPDATE that counts has changed the row. */
  runs(table: string, id?: number): Promise<number>;
}

/** `options.registration` may be made by a hook that ran before. */
export function useHeldShop(
  broker: () => CallableBroker,
  engine: DatabaseAddress,
  options: () => TargetOptions = () => ({}),
): () => HeldShop {
  let shop: HeldShop | undefined;
  beforeAll(async () => {
    const { schema = [], ...more } = options();
    const target = await makeTarget(broker(), engine, { schema: [...SCHEMA, ...schema], ...more });
    // Without these MySQL does not say which triggers would fire, neither server what a view is: nothing is understood.
    await target.root(
      `GRANT TRIGGER, SHOW VIEW ON ${quoteDatabasePattern(target.database)}.* TO ${target.provisioner.quoted}`,
    );
    shop = {
      target,
      async newTask(ttlSeconds = 300) {
        await target.root(...TABLES.map((table) => `UPDATE ${table} SET runs = 0, note = NULL`));
        return openTask(broker(), target, { ttlSeconds });
      },
      async runs(table, id = 1) {
        const [row] = await target.rootRows(`SELECT runs FROM ${table} WHERE id = ${id}`);
        return Number(row?.['runs']);
      },
    };
  });
  afterAll(() => shop?.target.drop());
  return () => {
    if (shop === undefined) throw new Error('The shop is there inside of tests and hooks only');
    return shop;
  };
}

/** Sends one statement in a session of its own, and gives the rows it changed, or what the client was told. */
export function send({ login }: { readonly login: ClientLogin }, statement: string): Promise<Outcome<number>> {
  return outcomeOf(
    withMysql2(login, async (client) => {
      const [result] = await client.query<ResultSetHeader>(statement);
      return result.affectedRows;
    }),
  );
}
