import { atState } from '../state/at-state.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import type { TermKind } from '../entities/recordings/statement-index.js';
import { wordsHash } from './indexed-statement.js';
import { LIKE, likePattern, type StatementFilter } from './statement-filter.js';

/** What is searched for, in the words of those who search. */
export interface AskedFacets {
  readonly principal?: string | undefined;
  readonly sponsor?: string | undefined;
  readonly target?: string | undefined;
  /** `database.table`, or `table` in any database. */
  readonly table?: string | undefined;
  readonly kind?: string | undefined;
  readonly verdict?: string | undefined;
  readonly decision?: string | undefined;
  /** A code or a state; `any`. */
  readonly error?: string | undefined;
  readonly grant?: string | undefined;
  /** Words that all stand in the title or the reference of the task. */
  readonly task?: readonly string[] | undefined;
  readonly rowsMin?: number | undefined;
  readonly durationMinUs?: number | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
}

/** Tasks with the words of a search that their statements are looked for in; the newest ones. */
export const TASKS_MAX = 500;
const TERMS_MAX = 500;

type Row = Readonly<Record<string, unknown>>;

/** The numbers of what is searched for. */
export class StatementFacets {
  readonly #at: StateAccess;

  constructor(at: StateAccess) {
    this.#at = at;
  }

  /** A name that no statement has gives an empty list. `isPartial`: more tasks have the words than are looked in. */
  async filterOf(asked: AskedFacets): Promise<{ readonly filter: StatementFilter; readonly isPartial: boolean }> {
    const { verdict, decision, error } = asked;
    const tasks = asked.task === undefined ? undefined : await this.tasks(asked.task, TASKS_MAX + 1);
    const grants = asked.grant === undefined ? undefined : await this.#grantNumbers(asked.grant);
    const sponsors = await this.#sponsors(asked.sponsor);
    const sponsored = sponsors === undefined ? undefined : await this.sponsoredBy(sponsors);
    const found = {
      grants: bothOf(grants, tasks?.slice(0, TASKS_MAX)),
      principals: bothOf(
        await this.#exactly('principal', asked.principal),
        sponsored?.isAlways === true ? sponsored.principals : undefined,
      ),
      sponsors: sponsored?.isAlways === true ? undefined : sponsors,
      targets: await this.#exactly('target', asked.target),
      kinds: await this.#exactly('kind', asked.kind?.toLowerCase()),
      tables: await this.#tables(asked.table),
      errors: error === undefined || error === 'any' ? undefined : await this.#errors(error),
    };
    const filter: StatementFilter = {
      ...defined(found),
      ...defined({ verdict, decision, rowsMin: asked.rowsMin, durationMinUs: asked.durationMinUs }),
      ...defined({ fromUs: asked.fromUs, toUs: asked.toUs }),
      ...(error === 'any' ? { hasError: true } : {}),
      marks: defined({
        verdict: await this.#mark('verdict', verdict === 'allow' ? undefined : verdict),
        decision: await this.#mark('decision', decision),
        error: await this.#mark('error', error === 'any' ? error : undefined),
      }),
    };
    return { filter, isPartial: (tasks?.length ?? 0) > TASKS_MAX };
  }

  /** The newest recordings whose task has all of the words in its title or its reference. */
  async tasks(words: readonly string[], limit: number): Promise<readonly number[]> {
    const conditions = words.map(() => `(title ${LIKE} OR reference ${LIKE})`);
    return this.#numbers(
      `SELECT grant_no AS number FROM statement_grants WHERE ${conditions.join(' AND ')} ORDER BY grant_no DESC LIMIT ${limit}`,
      words.flatMap((word) => [likePattern(word), likePattern(word)]),
    );
  }

  /** The principals of grants that one of these sponsors answers for. `isAlways`: of all grants that they had. */
  async sponsoredBy(
    sponsors: readonly number[],
  ): Promise<{ readonly principals: readonly number[]; readonly isAlways: boolean }> {
    if (sponsors.length === 0) return { principals: [], isAlways: true };
    const marks = (list: readonly number[]): string => list.map(() => '?').join(', ');
    const principals = await this.#numbers(
      `SELECT DISTINCT principal_no AS number FROM statement_grants WHERE sponsor_no IN (${marks(sponsors)})`,
      sponsors,
    );
    if (principals.length === 0) return { principals, isAlways: true };
    const others = await this.#numbers(
      `SELECT grant_no AS number FROM statement_grants
       WHERE principal_no IN (${marks(principals)}) AND (sponsor_no IS NULL OR sponsor_no NOT IN (${marks(sponsors)})) LIMIT 1`,
      [...principals, ...sponsors],
    );
    return { principals, isAlways: others.length === 0 };
  }

  #grantNumbers(grantId: string): Promise<readonly number[]> {
    return this.#numbers('SELECT grant_no AS number FROM statement_grants WHERE grant_id = ?', [grantId]);
  }

  async #exactly(kind: TermKind, value: string | undefined): Promise<readonly number[] | undefined> {
    if (value === undefined) return undefined;
    return this.#numbers('SELECT term_no AS number FROM statement_terms WHERE kind = ? AND hash = ?', [
      kind,
      wordsHash(value),
    ]);
  }

  async #mark(name: string, value: string | undefined): Promise<number | undefined> {
    return value === undefined ? undefined : (await this.#exactly('mark', `${name}:${value}`))?.[0];
  }

  async #sponsors(name: string | undefined): Promise<readonly number[] | undefined> {
    if (name === undefined) return undefined;
    const claims = [true, false].map((isClaim) => this.#exactly('sponsor', JSON.stringify({ name, isClaim })));
    return (await Promise.all(claims)).flatMap((numbers) => numbers ?? []);
  }

  async #tables(name: string | undefined): Promise<readonly number[] | undefined> {
    if (name === undefined) return undefined;
    return this.#numbers(
      `SELECT term_no AS number FROM statement_terms
       WHERE kind = 'table' AND (LOWER(value) = LOWER(?) OR LOWER(value) LIKE LOWER(?) ESCAPE '!') LIMIT ${TERMS_MAX}`,
      [name, `%.${likePattern(name).slice(1, -1)}`],
    );
  }

  /** There are as many terms as servers have errors. */
  async #errors(sought: string): Promise<readonly number[]> {
    const rows: readonly Row[] = await this.#query(
      "SELECT term_no, value FROM statement_terms WHERE kind = 'error' AND value LIKE ? ESCAPE '!'",
      [likePattern(sought)],
    );
    return rows
      .filter((row) => Object.values(Object(JSON.parse(String(row['value'])))).includes(sought))
      .map((row) => Number(row['term_no']));
  }

  async #numbers(query: string, values: readonly unknown[]): Promise<readonly number[]> {
    return (await this.#query(query, values)).map((row) => Number(row['number']));
  }

  #query(query: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return atState(() => managerOf(this.#at).query(query, [...values]));
  }
}

function bothOf(
  one: readonly number[] | undefined,
  other: readonly number[] | undefined,
): readonly number[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.filter((number) => other.includes(number));
}

type Defined<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what is undefined. */
function defined<T extends object>(fields: T): Defined<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
