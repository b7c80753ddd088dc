import { BrokerError } from '../../kernel/errors.js';
import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import type { StatementKey } from './indexed-statement.js';
import { betweenSql, type Driver, driverSql, joined, NEWEST_FIRST, type SqlPart } from './statement-filter.js';

/** A query that takes longer is ended at the server: the search was too wide. */
const QUERY_MS_MAX = 2_000;
/** What servers say then: ER_QUERY_TIMEOUT of MySQL, ER_STATEMENT_TIMEOUT of MariaDB. */
const TIMED_OUT: ReadonlySet<unknown> = new Set([3024, 1969]);

export interface WalkRange {
  /** Only statements after this one in the order of lists, which is before it in time. */
  readonly before?: StatementKey | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
}

export interface StatementWalk extends WalkRange {
  readonly driver: Driver;
  readonly residual: readonly SqlPart[];
  /** The residual needs the wording as `w`. */
  readonly hasWords: boolean;
  readonly limit: number;
  /** So many of each value are looked at, however many values there are: a page has them if they are there. */
  readonly pageLimit: number;
  /** So many statements are looked at, of all values of the driver together; undefined: the range is bounded already. */
  readonly rowsMax: number | undefined;
}

export interface WalkResult {
  /** The newest first. */
  readonly keys: readonly StatementKey[];
  /** Everything from this time on was looked at; undefined: everything there is. */
  readonly backToUs: number | undefined;
}

type Row = Readonly<Record<string, unknown>>;

/** Walks the index of statements from the newest on, no further than its budget of rows. */
export class StatementWalker {
  readonly #at: StateAccess;
  #isMariadb: boolean | undefined;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /** @throws BrokerError `search_too_wide` */
  async walk(walk: StatementWalk): Promise<WalkResult> {
    if (walk.driver.name !== 'time' && walk.driver.values.length === 0) return { keys: [], backToUs: undefined };
    const { rowsMax } = walk;
    const isBounded = rowsMax === undefined || (walk.residual.length === 0 && walk.driver.values.length <= 1);
    const backToUs = isBounded ? undefined : await this.boundary({ ...walk, rowsMax });
    const fromUs = backToUs === undefined ? walk.fromUs : Math.max(backToUs, walk.fromUs ?? 0);
    const rows = await this.query(keysSql({ ...walk, fromUs }));
    return { keys: rows.map(keyOf), backToUs };
  }

  /** The time to which so many rows go back; undefined when there are not as many. */
  async boundary({
    driver,
    rowsMax,
    pageLimit,
    ...range
  }: WalkRange & {
    readonly driver: Driver;
    readonly pageLimit: number;
    readonly rowsMax: number;
  }): Promise<number | undefined> {
    const { alias, from, column } = driverSql(driver);
    const each = Math.max(pageLimit, Math.floor(rowsMax / Math.max(1, driver.values.length)));
    const parts = valuesOf(driver).map((value): SqlPart => {
      const where = joined([...ofValue(column, value), ...betweenSql(alias, range.before, range)]);
      return {
        text: `(SELECT ${alias}.at FROM ${from} WHERE ${where.text} ORDER BY ${newestFirst(alias)} LIMIT 1 OFFSET ${each})`,
        values: where.values,
      };
    });
    const rows = await this.query({
      text: `SELECT MAX(at) AS at FROM (${parts.map(({ text }) => text).join(' UNION ALL ')}) ends`,
      values: parts.flatMap(({ values }) => values),
    });
    const at = rows[0]?.['at'];
    return at === null || at === undefined ? undefined : Number(at);
  }

  /** How many rows a driver has in a range, counted no further than `max`. */
  async count(driver: Driver, range: WalkRange, max: number): Promise<number> {
    if (driver.name !== 'time' && driver.values.length === 0) return 0;
    const { alias, from, column } = driverSql(driver);
    const of =
      column === null
        ? []
        : [{ text: `${column} IN (${driver.values.map(() => '?').join(', ')})`, values: driver.values }];
    const where = joined([...of, ...betweenSql(alias, range.before, range)]);
    const rows = await this.query({
      text: `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${from} WHERE ${where.text} LIMIT ${max}) counted`,
      values: where.values,
    });
    return Number(rows[0]?.['found']);
  }

  /** One SELECT, which is ended when it takes too long. @throws BrokerError `search_too_wide` */
  async query({ text, values }: SqlPart): Promise<readonly Row[]> {
    const limited = await this.#limited(text);
    return atState(async () => {
      try {
        return await managerOf(this.#at).query<readonly Row[]>(limited, [...values]);
      } catch (error) {
        if (isTimeOut(error)) throw new BrokerError('search_too_wide');
        throw error;
      }
    });
  }

  async #limited(select: string): Promise<string> {
    if (this.#isMariadb === undefined) {
      const rows: readonly Row[] = await atState(() => managerOf(this.#at).query('SELECT VERSION() AS version'));
      this.#isMariadb = /mariadb/i.test(String(rows[0]?.['version']));
    }
    return this.#isMariadb
      ? `SET STATEMENT max_statement_time = ${QUERY_MS_MAX / 1000} FOR ${select}`
      : select.replace(/^SELECT/, `SELECT /*+ MAX_EXECUTION_TIME(${QUERY_MS_MAX}) */`);
  }
}

function keysSql(walk: StatementWalk): SqlPart {
  const { driver, residual, hasWords, limit, before } = walk;
  const { alias, from, column } = driverSql(driver);
  const statement =
    alias === 't' || residual.length === 0
      ? ''
      : ` STRAIGHT_JOIN statements t ON t.at = ${alias}.at AND t.grant_no = ${alias}.grant_no AND t.seq = ${alias}.seq`;
  const wording = hasWords ? ' STRAIGHT_JOIN statement_wordings w ON w.wording_no = t.wording_no' : '';
  const parts = valuesOf(driver).map((value): SqlPart => {
    const where = joined([...ofValue(column, value), ...betweenSql(alias, before, walk), ...residual]);
    return {
      text: `SELECT ${alias}.at, ${alias}.grant_no, ${alias}.seq FROM ${from}${statement}${wording}
        WHERE ${where.text} ORDER BY ${newestFirst(alias)} LIMIT ${limit}`,
      values: where.values,
    };
  });
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  // A statement with two of the values is there twice.
  return {
    text: `SELECT DISTINCT at, grant_no, seq FROM (${parts.map(({ text }) => `(${text})`).join(' UNION ALL ')}) found
      ORDER BY ${NEWEST_FIRST} LIMIT ${limit}`,
    values: parts.flatMap(({ values }) => values),
  };
}

function valuesOf(driver: Driver): readonly (number | undefined)[] {
  return driver.name === 'time' ? [undefined] : driver.values;
}

function ofValue(column: string | null, value: number | undefined): readonly SqlPart[] {
  return column === null ? [] : [{ text: `${column} = ?`, values: [value] }];
}

function newestFirst(alias: string): string {
  return `${alias}.at DESC, ${alias}.grant_no DESC, ${alias}.seq DESC`;
}

function keyOf(row: Row): StatementKey {
  return { atUs: Number(row['at']), grantNo: Number(row['grant_no']), seq: Number(row['seq']) };
}

function isTimeOut(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errno' in error && TIMED_OUT.has(error.errno)) return true;
  return 'driverError' in error && isTimeOut(error.driverError);
}
