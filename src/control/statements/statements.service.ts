import { Injectable } from '@nestjs/common';
import {
  SEARCH_COUNT_MAX,
  SEARCH_TASKS_MAX,
  type StatementSearchPage,
  type StatementSearchQuery,
} from '../../contracts/recordings/statement.js';
import { type AskedFacets, StatementFacets } from '../../persistence/statements/statement-facets.js';
import { StatementIndexRepository } from '../../persistence/statements/statement-index.repository.js';
import { StatementRows } from '../../persistence/statements/statement-rows.js';
import { StatementSearchRepository } from '../../persistence/statements/statement-search.repository.js';
import type { Caller } from '../http/access.js';
import { msOf } from '../http/time.js';
import { AdminRecord } from '../record/admin-record.js';
import { cursorIn, cursorText } from './search-cursor.js';
import { searchWords, statementWords } from './search-words.js';
import { searchedOf } from './searched.js';
import { statementViewOf, taskViewOf } from './statement-view.js';

/** Searches over all recorded statements. Each is an entry of the administrative record, before it is answered. */
@Injectable()
export class StatementsService {
  constructor(
    private readonly found: StatementSearchRepository,
    private readonly rows: StatementRows,
    private readonly facets: StatementFacets,
    private readonly index: StatementIndexRepository,
    private readonly record: AdminRecord,
  ) {}

  async search(query: StatementSearchQuery, caller: Caller): Promise<StatementSearchPage> {
    const words = query.text === undefined ? [] : statementWords(query.text, 'text');
    const cursor = query.cursor === undefined ? undefined : cursorIn(query.cursor);
    const asked = askedOf(query);
    const { limit: _limit, cursor: _cursor, ...sought } = query;
    const all = { kind: 'recording', name: '*' } as const;
    await this.record.noteLook({ act: 'statement.searched', by: caller, subject: all, after: sought });
    const page = await this.found.search({ asked, words, limit: query.limit, countMax: SEARCH_COUNT_MAX, cursor });
    const isFirst = words.length > 0 && cursor === undefined;
    const [statements, tasks, missing] = await Promise.all([
      this.rows.load(page.keys),
      isFirst ? this.#tasks(words) : [],
      this.index.missing(),
    ]);
    return {
      items: statements.map((statement) => statementViewOf(statement, words)),
      next: page.next === null ? null : cursorText(page.next),
      count: page.count,
      tasks,
      searched: searchedOf(page, { query, missing, hasWords: words.length > 0 }),
    };
  }

  async #tasks(words: readonly string[]) {
    const numbers = await this.facets.tasks(words, SEARCH_TASKS_MAX);
    return (await this.rows.tasks(numbers)).map(taskViewOf);
  }
}

function askedOf(query: StatementSearchQuery): AskedFacets {
  const { principal, sponsor, target, table, kind, verdict, decision, error, grant, rowsMin } = query;
  return {
    principal,
    sponsor,
    target,
    table,
    kind,
    verdict,
    decision,
    error,
    grant,
    rowsMin,
    task: query.task === undefined ? undefined : searchWords(query.task, 'task'),
    durationMinUs: query.durationMinMs === undefined ? undefined : query.durationMinMs * 1000,
    fromUs: usOf(query.from),
    toUs: usOf(query.to),
  };
}

function usOf(time: string | undefined): number | undefined {
  const ms = msOf(time);
  return ms === undefined ? undefined : ms * 1000;
}
