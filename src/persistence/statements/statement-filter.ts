import type { StatementKey } from './indexed-statement.js';

/** SQL with its values. */
export interface SqlPart {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What is searched for, by the numbers of the words. A list means any of it, and an empty one nothing at all. */
export interface StatementFilter {
  readonly grants?: readonly number[];
  readonly principals?: readonly number[];
  readonly sponsors?: readonly number[];
  readonly targets?: readonly number[];
  readonly kinds?: readonly number[];
  readonly tables?: readonly number[];
  readonly errors?: readonly number[];
  readonly hasError?: true;
  readonly verdict?: string;
  readonly decision?: string;
  /** Where the mark of the verdict, the decision or any error is; absent where no statement has it yet. */
  readonly marks: { readonly verdict?: number; readonly decision?: number; readonly error?: number };
  readonly rowsMin?: number;
  readonly durationMinUs?: number;
  /** `from` included, `to` not. */
  readonly fromUs?: number;
  readonly toUs?: number;
}

/** Which index is walked, newest first: for each of the values. */
export interface Driver {
  readonly name: DriverName;
  readonly values: readonly number[];
}

export type DriverName = keyof typeof DRIVERS | 'time';

/** The indexes that statements can be walked by, each in the order of time for one value of its column. */
const DRIVERS = {
  grants: { alias: 't', from: 'statements t FORCE INDEX (statements_grant)', column: 't.grant_no' },
  principals: { alias: 't', from: 'statements t FORCE INDEX (statements_principal)', column: 't.principal_no' },
  targets: { alias: 't', from: 'statements t FORCE INDEX (statements_target)', column: 't.target_no' },
  kinds: { alias: 't', from: 'statements t FORCE INDEX (statements_kind)', column: 't.kind_no' },
  wordings: { alias: 't', from: 'statements t FORCE INDEX (statements_wording)', column: 't.wording_no' },
  facets: { alias: 'f', from: 'statement_facets f', column: 'f.term_no' },
} as const;
const BY_TIME = { alias: 't', from: 'statements t FORCE INDEX (PRIMARY)', column: null } as const;

export const NEWEST_FIRST = 'at DESC, grant_no DESC, seq DESC';

/** More values than this are not walked at once. */
export const DRIVER_VALUES_MAX = 500;

/** Everything that the filter gives a way to walk by; `time` is always one. */
export function driversOf(filter: StatementFilter, principalsOfSponsors: readonly number[]): readonly Driver[] {
  const { grants, principals, sponsors, targets, kinds, tables, errors, marks } = filter;
  const lists: readonly (readonly [DriverName, readonly number[] | undefined])[] = [
    ['grants', grants],
    ['facets', tables],
    ['facets', errors],
    ['facets', filter.hasError && listOf(marks.error)],
    ['facets', filter.verdict === undefined || filter.verdict === 'allow' ? undefined : listOf(marks.verdict)],
    ['facets', filter.decision === undefined ? undefined : listOf(marks.decision)],
    ['principals', principals],
    ['principals', sponsors && principalsOfSponsors],
    ['targets', targets],
    ['kinds', kinds],
  ];
  return lists.flatMap(([name, values]) =>
    values === undefined || values.length > DRIVER_VALUES_MAX ? [] : [{ name, values }],
  );
}

function listOf(number: number | undefined): readonly number[] {
  return number === undefined ? [] : [number];
}

/** Where a driver's rows come from, and what is said of one of its values. */
export function driverSql({ name }: Pick<Driver, 'name'>): {
  readonly alias: string;
  readonly from: string;
  readonly column: string | null;
} {
  return name === 'time' ? BY_TIME : DRIVERS[name];
}

/** What a statement `t` must meet besides what its driver says already. */
export function residualOf(filter: StatementFilter, driver: Driver): readonly SqlPart[] {
  const { grants, principals, sponsors, targets, kinds, tables, errors, verdict, decision, rowsMin } = filter;
  const isBy = (values: readonly number[] | undefined): boolean => values !== undefined && values === driver.values;
  const oneOf = (column: string, values: readonly number[] | undefined): readonly SqlPart[] =>
    values === undefined || isBy(values) ? [] : [{ text: `${column} IN (${questions(values)})`, values }];
  const is = (text: string, value: unknown): readonly SqlPart[] =>
    value === undefined ? [] : [{ text, values: [value] }];
  const isMarked = (number: number | undefined): boolean =>
    driver.name === 'facets' && number !== undefined && driver.values[0] === number;
  return [
    ...oneOf('t.grant_no', grants),
    ...oneOf('t.principal_no', principals),
    ...oneOf('t.target_no', targets),
    ...oneOf('t.kind_no', kinds),
    ...oneOf('t.error_no', errors),
    ...(filter.hasError && !isMarked(filter.marks.error) ? [{ text: 't.error_no IS NOT NULL', values: [] }] : []),
    ...(isMarked(filter.marks.verdict) ? [] : is('t.verdict = ?', verdict)),
    ...(isMarked(filter.marks.decision) ? [] : is('t.decision = ?', decision)),
    ...(rowsMin === undefined
      ? []
      : [{ text: '(t.read_rows >= ? OR t.changed_rows >= ?)', values: [rowsMin, rowsMin] }]),
    ...is('t.duration_us >= ?', filter.durationMinUs),
    ...(sponsors === undefined ? [] : [sponsoredBy(sponsors)]),
    ...(tables === undefined || isBy(tables) ? [] : [touches(tables)]),
  ];
}

function sponsoredBy(values: readonly number[]): SqlPart {
  const of = `SELECT COUNT(*) FROM statement_grants g WHERE g.grant_no = t.grant_no AND g.sponsor_no IN (${questions(values)})`;
  return { text: `(${of}) > 0`, values };
}

/** Counted and not EXISTS, which servers may take for a reason to walk by another index. */
function touches(values: readonly number[]): SqlPart {
  const of = `SELECT COUNT(*) FROM statement_facets x
    WHERE x.term_no IN (${questions(values)}) AND x.at = t.at AND x.grant_no = t.grant_no AND x.seq = t.seq`;
  return { text: `(${of}) > 0`, values };
}

/** `?, ?, ?`; an empty list is met by nothing. */
function questions(values: readonly number[]): string {
  return values.length === 0 ? 'NULL' : values.map(() => '?').join(', ');
}

/** The words of a text search, each to stand in the text, or in what is bound to it. */
export function wordsSql(words: readonly string[]): readonly SqlPart[] {
  return words.map((word) => {
    const pattern = likePattern(word);
    return {
      text: `(COALESCE(t.text, w.text) ${LIKE} OR t.bound ${LIKE})`,
      values: [pattern, pattern],
    };
  });
}

/** Case and accents of letters do not matter. Both flavours have this collation. */
export const LIKE = "COLLATE utf8mb4_general_ci LIKE ? ESCAPE '!'";

export function likePattern(word: string): string {
  return `%${word.replaceAll(/[!%_]/g, '!$&')}%`;
}

/** Statements that come after `before` in the order of lists, back to `fromUs`. */
export function betweenSql(
  alias: string,
  before: StatementKey | undefined,
  { fromUs, toUs }: { readonly fromUs?: number | undefined; readonly toUs?: number | undefined },
): readonly SqlPart[] {
  return [
    ...(fromUs === undefined ? [] : [{ text: `${alias}.at >= ?`, values: [fromUs] }]),
    ...(toUs === undefined ? [] : [{ text: `${alias}.at < ?`, values: [toUs] }]),
    ...(before === undefined ? [] : [beforeSql(alias, before)]),
  ];
}

/** In a form of which an index takes the first part. */
function beforeSql(of: string, { atUs, grantNo, seq }: StatementKey): SqlPart {
  return {
    text: `(${of}.at <= ? AND (${of}.at < ? OR ${of}.grant_no < ? OR (${of}.grant_no = ? AND ${of}.seq < ?)))`,
    values: [atUs, atUs, grantNo, grantNo, seq],
  };
}

export function joined(parts: readonly SqlPart[]): SqlPart {
  return {
    text: parts.length === 0 ? 'TRUE' : parts.map(({ text }) => text).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}
