import {
  type SearchedView,
  type StatementDecision,
  statementSearchPage,
  type StatementSearchPage,
  type StatementView,
} from '../../../contracts/recordings/statement.js';
import type { Verdict } from '../../../domain/verdict.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiOf } from '../api-option.js';
import { runCommand } from '../terminal/conventions.js';
import { type ListOptions, queryOf, readPages, tellOfMore } from '../terminal/list-pages.js';
import { secondsOf } from '../terminal/past-time.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { wholeId } from '../terminal/short-id.js';
import { shownIds } from '../terminal/shown-ids.js';

export interface StatementSearchOptions extends ListOptions {
  readonly principal?: string;
  readonly sponsor?: string;
  readonly target?: string;
  readonly table?: string;
  readonly kind?: string;
  readonly verdict?: Verdict;
  readonly decision?: StatementDecision;
  readonly error?: string;
  readonly rowsMin?: number;
  readonly durationMinMs?: number;
  readonly grant?: string;
  readonly task?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Prints what fits; standard error says what the search did not look at. */
export async function search(words: readonly string[], options: StatementSearchOptions): Promise<void> {
  await runCommand('statements', async () => {
    const api = apiOf(options, process.env);
    const { principal, sponsor, target, table, kind, verdict, decision, error, rowsMin, durationMinMs } = options;
    const { task, from, to } = options;
    const text = words.length === 0 ? undefined : words.join(' ');
    const grant = options.grant === undefined ? undefined : await wholeId(api, '/v1/grants', options.grant);
    const of = { principal, sponsor, target, table, kind, grant, task };
    const query = queryOf({ text, ...of, verdict, decision, error, rowsMin, durationMinMs, from, to });
    const wanted = { path: '/v1/statements', query, page: statementSearchPage };
    const { items, next, first } = await readPages(api, wanted, options);
    printAnswer(options, { ...first, items, next }, () =>
      items.length === 0 ? 'No recorded statement fits.' : statementTable(items),
    );
    if (options.json === true) return;
    tellCount(first);
    tellOfMore({ items, next });
  });
}

function statementTable(statements: readonly StatementView[]): string {
  const idOf = shownIds(statements.map(({ grant }) => grant));
  const rows = statements.map((statement) => [
    secondsOf(statement.at),
    idOf(statement.grant),
    String(statement.seq),
    statement.principal,
    statement.target,
    outcomeText(statement),
    countText(statement.rows ?? statement.changed),
    excerptText(statement),
  ]);
  return screenTable(['at', 'grant', 'entry', 'principal', 'target', 'outcome', 'rows', 'statement'], rows);
}

function outcomeText({ verdict, decision, error }: StatementView): string {
  const judged = decision === null ? verdict : `${verdict}, ${decision}`;
  return error === null ? judged : `${judged}, error ${error.code}`;
}

function excerptText({ excerpt, excerptCut }: StatementView): string {
  return `${excerptCut.start ? '…' : ''}${excerpt}${excerptCut.end ? '…' : ''}`;
}

function countText(count: number | null): string | null {
  return count === null ? null : String(count);
}

function tellCount({ count, searched }: StatementSearchPage): void {
  const found = `${count.exact ? '' : 'more than '}${count.value} found`;
  const said = [`${found}${timeText(searched)}.`, ...searched.notSearched];
  process.stderr.write(`${said.map((line) => shownLine(line)).join('\n')}\n`);
}

function timeText({ from, to }: SearchedView): string {
  return `${from === null ? '' : `, from ${secondsOf(from)}`}${to === null ? '' : `, to ${secondsOf(to)}`}`;
}
