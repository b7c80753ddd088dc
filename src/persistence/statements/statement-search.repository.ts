import type { StateAccess } from '../state/state-transaction.js';
import type { StatementKey } from './indexed-statement.js';
import { type AskedFacets, StatementFacets } from './statement-facets.js';
import {
  type Driver,
  DRIVER_VALUES_MAX,
  driversOf,
  joined,
  LIKE,
  likePattern,
  residualOf,
  type StatementFilter,
  wordsSql,
} from './statement-filter.js';
import { StatementWalker, type WalkResult, type WalkRange } from './statement-walk.js';

/** How far a search goes. */
export interface SearchBudget {
  /** Statements that one page looks at by the rest of what is asked, once an index has led to them. */
  readonly rowsMax: number;
  /** Statements whose texts one search looks into. */
  readonly textRowsMax: number;
}

export const SEARCH_BUDGET: SearchBudget = { rowsMax: 200_000, textRowsMax: 100_000 };
/** Wordings that one search looks into, the newest. */
const WORDINGS_MAX = 200_000;
/** Two indexes are compared by how much they would have to walk, up to here. */
const COMPARED_MAX = 20_000;

export interface SearchOptions {
  readonly asked: AskedFacets;
  /** Words that all stand in the text or the values; empty: any text. */
  readonly words: readonly string[];
  readonly limit: number;
  /** A count is exact up to here. */
  readonly countMax: number;
  /** Where the page before ended. */
  readonly cursor?: SearchCursor | undefined;
}

/** Where a search goes on. */
export interface SearchCursor {
  readonly after: StatementKey;
  /** Texts are looked into back to this time; null: all of them. */
  readonly textsFromUs: number | null;
  readonly count: SearchCount;
}

export interface SearchCount {
  readonly value: number;
  readonly exact: boolean;
}

export interface FoundPage {
  readonly keys: readonly StatementKey[];
  readonly next: SearchCursor | null;
  readonly count: SearchCount;
  /** How far back this page looked; undefined: as far as was asked. */
  readonly backToUs: number | undefined;
  /** Of a search for words. `forms`: of what is older, the wordings. `nothing`: what is older was not looked at. */
  readonly texts: 'all' | 'forms' | 'nothing';
  readonly textsFromUs: number | null;
  /** More tasks have the words of the facet than were looked in. */
  readonly isPartial: boolean;
}

type FoundKeys = Omit<FoundPage, 'isPartial'>;

/**
 * Finds statements, the newest first, within a budget of rows that no question can widen: an index leads to them, the
 * rest of what is asked is looked up in the rows, and what the budget leaves is the next page's.
 */
export class StatementSearchRepository {
  readonly #facets: StatementFacets;
  readonly #walker: StatementWalker;
  readonly #budget: SearchBudget;

  constructor(at: StateAccess, budget = SEARCH_BUDGET) {
    this.#budget = budget;
    this.#facets = new StatementFacets(at);
    this.#walker = new StatementWalker(at);
  }

  /** @throws BrokerError `search_too_wide` */
  async search(options: SearchOptions): Promise<FoundPage> {
    const { filter, isPartial } = await this.#facets.filterOf(options.asked);
    const driver = await this.#driverOf(filter);
    if (driver.name !== 'time' && driver.values.length === 0) return { ...NONE, isPartial };
    const found =
      options.words.length === 0
        ? await this.#byFacets(filter, driver, options)
        : await this.#byWords(filter, driver, options);
    return { ...found, isPartial };
  }

  /** The index that has least to walk. */
  async #driverOf(filter: StatementFilter): Promise<Driver> {
    const ofSponsors =
      filter.sponsors === undefined ? [] : (await this.#facets.sponsoredBy(filter.sponsors)).principals;
    const drivers = driversOf(filter, ofSponsors);
    const none = drivers.find(({ values }) => values.length === 0);
    if (none !== undefined) return none;
    const [first, ...others] = drivers;
    if (first === undefined) return { name: 'time', values: [] };
    if (others.length === 0) return first;
    let best = { driver: first, rows: Infinity };
    for (const driver of drivers) {
      const rows = await this.#walker.count(driver, filter, Math.min(COMPARED_MAX, best.rows));
      if (rows < best.rows) best = { driver, rows };
    }
    return best.driver;
  }

  async #byFacets(filter: StatementFilter, driver: Driver, options: SearchOptions): Promise<FoundKeys> {
    const { cursor, limit, countMax } = options;
    const { keys, backToUs } = await this.#walker.walk({
      ...rangeOf(filter, cursor),
      driver,
      residual: residualOf(filter, driver),
      hasWords: false,
      limit: cursor === undefined ? countMax + 1 : limit + 1,
      pageLimit: limit + 1,
      rowsMax: this.#budget.rowsMax,
    });
    const count = cursor?.count ?? countOf(keys.length, countMax, backToUs === undefined);
    return {
      ...pageOf({ keys, backToUs }, { limit, count, textsFromUs: null }),
      count,
      texts: 'all',
      textsFromUs: null,
    };
  }

  /**
   * Texts are looked into as far back as the budget goes, and before that wordings alone: these are few, and an index
   * leads from each to its statements. Where the texts end stays the same on all pages of a search.
   */
  async #byWords(filter: StatementFilter, driver: Driver, options: SearchOptions): Promise<FoundKeys> {
    const { cursor, words, limit, countMax } = options;
    const range = rangeOf(filter, cursor);
    const textsFromUs =
      cursor === undefined
        ? ((await this.#walker.boundary({ ...range, driver, pageLimit: 1, rowsMax: this.#budget.textRowsMax })) ?? null)
        : cursor.textsFromUs;
    const wanted = cursor === undefined ? countMax + 1 : limit + 1;
    const inTexts = await this.#inTexts(filter, driver, { words, range, textsFromUs, limit: wanted });
    const older =
      textsFromUs === null
        ? ALL
        : await this.#inWordings(filter, words, {
            ...beforeTexts(range, textsFromUs),
            limit: wanted - inTexts.length,
            pageLimit: limit + 1,
          });
    const keys = [...inTexts, ...older.walked.keys];
    const isAll = older.texts !== 'nothing' && older.walked.backToUs === undefined;
    const count = cursor?.count ?? countOf(keys.length, countMax, isAll);
    const page = pageOf({ keys, backToUs: older.walked.backToUs }, { limit, count, textsFromUs });
    const backToUs = older.texts === 'nothing' && textsFromUs !== null ? textsFromUs : page.backToUs;
    return { ...page, backToUs, count, texts: older.texts, textsFromUs };
  }

  async #inTexts(
    filter: StatementFilter,
    driver: Driver,
    search: {
      readonly words: readonly string[];
      readonly range: WalkRange;
      readonly textsFromUs: number | null;
      readonly limit: number;
    },
  ): Promise<readonly StatementKey[]> {
    const { words, range, textsFromUs, limit } = search;
    if (textsFromUs !== null && isPast(range.before, textsFromUs)) return [];
    const { keys } = await this.#walker.walk({
      ...range,
      fromUs: textsFromUs === null ? range.fromUs : Math.max(textsFromUs, range.fromUs ?? 0),
      driver,
      residual: [...residualOf(filter, driver), ...wordsSql(words)],
      hasWords: true,
      limit,
      pageLimit: limit,
      rowsMax: undefined,
    });
    return keys;
  }

  async #inWordings(
    filter: StatementFilter,
    words: readonly string[],
    range: WalkRange & { readonly limit: number; readonly pageLimit: number },
  ): Promise<{ readonly texts: 'forms' | 'nothing'; readonly walked: WalkResult }> {
    const wordings = await this.#wordingsWith(words);
    if (wordings.length > DRIVER_VALUES_MAX) return { texts: 'nothing', walked: NOTHING };
    if (range.limit <= 0) return { texts: 'forms', walked: NOTHING };
    const driver: Driver = { name: 'wordings', values: wordings };
    const walked = await this.#walker.walk({
      ...range,
      driver,
      residual: residualOf(filter, driver),
      hasWords: false,
      rowsMax: this.#budget.textRowsMax,
    });
    return { texts: 'forms', walked };
  }

  async #wordingsWith(words: readonly string[]): Promise<readonly number[]> {
    const { text, values } = joined(words.map((word) => ({ text: `text ${LIKE}`, values: [likePattern(word)] })));
    const rows = await this.#walker.query({
      text: `SELECT wording_no FROM statement_wordings
        WHERE wording_no > (SELECT MAX(wording_no) FROM statement_wordings) - ${WORDINGS_MAX} AND ${text}
        LIMIT ${DRIVER_VALUES_MAX + 1}`,
      values,
    });
    return rows.map((row) => Number(row['wording_no']));
  }
}

/** A name that was asked for is in no statement. */
const NONE: FoundKeys = {
  keys: [],
  next: null,
  count: { value: 0, exact: true },
  backToUs: undefined,
  texts: 'all',
  textsFromUs: null,
};
const NOTHING: WalkResult = { keys: [], backToUs: undefined };
const ALL = { texts: 'all', walked: NOTHING } as const;

function rangeOf({ fromUs, toUs }: StatementFilter, cursor: SearchCursor | undefined): WalkRange {
  return { before: cursor?.after, fromUs, toUs };
}

function isPast(before: StatementKey | undefined, atUs: number): boolean {
  return before !== undefined && (before.atUs < atUs || (before.atUs === atUs && before.grantNo === 0));
}

/** What is older than the texts that were looked into. */
function beforeTexts(range: WalkRange, textsFromUs: number): WalkRange {
  const { before } = range;
  const isOlder = before !== undefined && before.atUs < textsFromUs;
  return { ...range, before: isOlder ? before : endOf(textsFromUs) };
}

/** Everything before this time comes after it in the order of lists. */
function endOf(atUs: number): StatementKey {
  return { atUs, grantNo: 0, seq: 0 };
}

function countOf(found: number, max: number, isAll: boolean): SearchCount {
  return found > max ? { value: max, exact: false } : { value: found, exact: isAll };
}

function pageOf(
  { keys, backToUs }: WalkResult,
  { limit, count, textsFromUs }: { readonly limit: number } & Omit<SearchCursor, 'after'>,
): Pick<FoundPage, 'keys' | 'next' | 'backToUs'> {
  const shown = keys.slice(0, limit);
  const last = shown.at(-1);
  if (keys.length > limit && last !== undefined)
    return { keys: shown, next: { after: last, count, textsFromUs }, backToUs: last.atUs };
  if (backToUs !== undefined) return { keys: shown, next: { after: endOf(backToUs), count, textsFromUs }, backToUs };
  return { keys: shown, next: null, backToUs: undefined };
}
