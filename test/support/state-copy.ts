import type { NamedPolicyText } from '../../src/policy/policy-parse.js';
import { migrate, type StateSource } from '../../src/persistence/state/data-source.js';

/** What an empty database gets to be a copy of another. */
interface Contents {
  readonly tables: readonly { readonly name: string; readonly create: string; readonly rows: readonly Row[] }[];
}

type Row = Readonly<Record<string, unknown>>;

/** By the default policies: one for the broker as it was built, one for each other list of protocols. */
const contents = new Map<string, Promise<Contents>>();

/**
 * Brings an empty state database to what `migrate` makes of it. The migrations run for the first one of a test process;
 * all others become copies of that one, for half of the server's work, and without waiting for each other as migrations do.
 */
export async function migrateOnce(source: StateSource, defaults: readonly NamedPolicyText[]): Promise<void> {
  const key = JSON.stringify(defaults);
  const made = contents.get(key);
  if (made !== undefined) return copyTo(source, await made);
  const making = migrate(source, defaults).then(() => contentsOf(source));
  contents.set(key, making);
  try {
    await making;
  } catch (error) {
    contents.delete(key);
    throw error;
  }
}

/** What a state database is made of. */
export async function contentsOf(source: StateSource): Promise<Contents> {
  const names: readonly { readonly name: string }[] = await source.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name',
  );
  const tables = names.map(async ({ name }) => {
    const [[shown = {}], rows]: [readonly Row[], readonly Row[]] = await Promise.all([
      source.query(`SHOW CREATE TABLE ${name}`),
      source.query(`SELECT * FROM ${name}`),
    ]);
    return { name, create: String(shown['Create Table']), rows };
  });
  return { tables: await Promise.all(tables) };
}

async function copyTo(source: StateSource, { tables }: Contents): Promise<void> {
  const runner = source.createQueryRunner(); // one connection: the setting is the session's
  try {
    await runner.query('SET FOREIGN_KEY_CHECKS = 0');
    for (const { name, create, rows } of tables) {
      await runner.query(create);
      if (rows.length > 0) await runner.query(`INSERT INTO ${name} VALUES ?`, [rows.map((row) => Object.values(row))]);
    }
    await runner.query('SET FOREIGN_KEY_CHECKS = 1');
  } finally {
    await runner.release();
  }
}
