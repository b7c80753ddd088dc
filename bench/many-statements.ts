import { newGrantId } from '../src/domain/ids.js';
import type { GrantId } from '../src/kernel/brand.js';
import { createStateSource } from '../src/persistence/state/data-source.js';
import { NO_OUTCOME, type StatementToIndex } from '../src/persistence/statements/indexed-statement.js';
import { StatementIndexRepository } from '../src/persistence/statements/statement-index.repository.js';

const GRANTS = 2_000;
const OF_ONE_GRANT = 500;
const STATEMENTS = GRANTS * OF_ONE_GRANT;
const BATCH = 250;
const TRIES_MAX = 5;
const AT_ONCE = 2;
const SPACING_US = 2_000_000;
/** The last of them. */
const END_US = Date.UTC(2026, 10, 1) * 1000;
const VERBS = ['select', 'select', 'select', 'insert', 'update', 'delete'] as const;
const TABLES = 300;
const FORMS = 12;

const WORDINGS = {
  select: (table: string, form: number) =>
    `SELECT o.id, o.customer, o.status, o.total_${form} FROM ${table} o WHERE o.customer = ? AND o.status = ? AND o.total > ? ORDER BY o.id LIMIT 50`,
  insert: (table: string, form: number) => `INSERT INTO ${table} (customer, status, total_${form}) VALUES (?, ?, ?)`,
  update: (table: string, form: number) => `UPDATE ${table} SET status_${form} = ? WHERE customer = ? AND total < ?`,
  delete: (table: string, form: number) =>
    `DELETE FROM ${table} WHERE customer = ? AND status_${form} = ? AND total = ?`,
} as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

// A program of its own: `bench/rows/search.ts` runs it with the URL of a state database. Its last line is what came of it.
const [url = ''] = process.argv.slice(2);
const startedMs = performance.now();
await fillIndex(url);
const seconds = (performance.now() - startedMs) / 1000;
say(JSON.stringify({ statements: STATEMENTS, perSecond: STATEMENTS / seconds, bytesOfOne: await indexBytes(url) }));

/** Fills the index with statements of many tasks, by the code that workers fill it with. */
async function fillIndex(stateUrl: string): Promise<void> {
  const source = await createStateSource(stateUrl).initialize();
  try {
    const index = new StatementIndexRepository(source);
    let next = 0;
    const fill = async (): Promise<void> => {
      for (let number = next++; number < GRANTS; number = next++) {
        await fillGrant(index, number);
        if (number % 200 === 199) say(`${((number + 1) * OF_ONE_GRANT).toLocaleString('en')} statements`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, fill));
    for (const table of ['statements', 'statement_facets', 'statement_wordings'])
      await source.query(`ANALYZE TABLE ${table}`);
  } finally {
    await source.destroy();
  }
}

/** Evenly spread, and the same every time. */
function mixed(number: number, round: number): number {
  let mix = Math.imul(number + round * 0x9e37_79b9, 0x85eb_ca6b) >>> 0;
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35) >>> 0;
  return (mix ^ (mix >>> 16)) >>> 0;
}

/** Bytes in the state database for each statement. */
async function indexBytes(stateUrl: string): Promise<number> {
  const source = await createStateSource(stateUrl).initialize();
  try {
    const rows: readonly Readonly<Record<string, unknown>>[] = await source.query(
      `SELECT SUM(DATA_LENGTH + INDEX_LENGTH) AS bytes FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'statement%'`,
    );
    return Number(rows[0]?.['bytes']) / STATEMENTS;
  } finally {
    await source.destroy();
  }
}

async function fillGrant(index: StatementIndexRepository, number: number): Promise<void> {
  const grantId = newGrantId();
  const openedAtUs = END_US - (GRANTS - number) * OF_ONE_GRANT * SPACING_US;
  await index.begin({
    grantId,
    principal: `agent-${number % 40}`,
    sponsor: { name: `sponsor-${number % 12}`, isClaim: true },
    target: `shop-${number % 10}`,
    protocol: 'mysql',
    title: `Repair the orders of batch ${number}`,
    reference: `https://tickets.example.com/SHOP-${number}`,
    openedAtUs,
  });
  for (let place = 0; place < OF_ONE_GRANT; place += BATCH) {
    await fillBatch(index, grantId, {
      statements: Array.from({ length: BATCH }, (_, at) =>
        statementOf(number * OF_ONE_GRANT + place + at, { place: place + at, openedAtUs }),
      ),
      doneSeq: 2 * (place + BATCH) + 2,
    });
  }
  await index.finish(grantId);
}

/** A machine that is busy may take longer than an answer is waited for; the transaction happens all the same. */
async function fillBatch(
  index: StatementIndexRepository,
  grantId: GrantId,
  { statements, doneSeq }: { readonly statements: readonly StatementToIndex[]; readonly doneSeq: number },
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const grant = await index.find(grantId);
    if (grant === undefined) throw new Error('The grant is not in the index.');
    if (grant.doneSeq >= doneSeq) return;
    const batch = { statements, outcomes: [], doneSeq, donePrev: '', unfinished: { open: [], memory: null } };
    try {
      await index.apply(grant, batch);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/** Each differs in its values; one in a hundred has Japanese in them, one in a hundred failed, one in two hundred was held. */
function statementOf(
  number: number,
  { place, openedAtUs }: { readonly place: number; readonly openedAtUs: number },
): StatementToIndex {
  const kind = VERBS[number % VERBS.length] ?? 'select';
  const table = `app_data.customer_orders_${mixed(number, 1) % TABLES}`;
  const wording = WORDINGS[kind](table, mixed(number, 2) % FORMS);
  const status = number % 100 === 7 ? '発送済' : `state_${number % 977}`;
  const values = [`cust_${number}`, status, String((number * 7919) % 1_000_003)];
  const text = wording.replaceAll('?', () => `'${values.shift() ?? 'x'}'`);
  const isHeld = number % 200 === 3;
  const isFailed = number % 100 === 50;
  return {
    atUs: openedAtUs + place * SPACING_US,
    seq: 2 * place + 3,
    operation: place + 1,
    kind,
    database: 'app_data',
    tables: number % 20_011 === 0 ? [table, 'app_data.rarely_touched'] : [table],
    verdict: isHeld ? 'hold' : 'allow',
    policies: isHeld ? ['default#hold-writes'] : ['default#allow-reads'],
    inTransaction: false,
    text,
    wording,
    bound: null,
    isCut: false,
    outcome: {
      ...NO_OUTCOME,
      decision: isHeld ? 'approved' : null,
      decidedBy: isHeld ? ['ada'] : [],
      error: isFailed ? { code: String(1000 + (number % 60)), state: '42000' } : null,
      rows: kind === 'select' ? number % 211 : null,
      changed: kind === 'select' ? null : number % 5,
      durationUs: 300 + ((number * 31) % 90_000),
    },
  };
}
