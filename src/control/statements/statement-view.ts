import type { StatementSearchPage, StatementView } from '../../contracts/recordings/statement.js';
import { STATEMENT_DECISIONS } from '../../contracts/recordings/statement.js';
import { VERDICTS } from '../../domain/verdict.js';
import type { FoundStatement, FoundTask } from '../../persistence/statements/statement-rows.js';
import { sponsorViewOf } from '../http/sponsor-view.js';
import { timeOf } from '../http/time.js';
import { excerptOf } from './excerpt.js';

/** A statement as a search shows it; its texts are as they were sent. */
export function statementViewOf(found: FoundStatement, words: readonly string[]): StatementView {
  const { grant, seq, operation, principal, target, protocol, database, kind, error, rows, changed, durationUs } =
    found;
  return {
    grant,
    seq,
    operation,
    at: timeOfUs(found.atUs),
    principal,
    sponsor: sponsorViewOf(found.sponsor),
    target,
    protocol,
    database,
    kind,
    tables: [...found.tables],
    verdict: VERDICTS.find((verdict) => verdict === found.verdict) ?? 'deny',
    decision: STATEMENT_DECISIONS.find((decision) => decision === found.decision) ?? null,
    decidedBy: [...found.decidedBy],
    error,
    rows,
    changed,
    durationUs,
    ...excerptOf(found.text, words),
    values: valuesOf(found.bound, words),
    isTextCut: found.isCut,
    task: found.task,
    live: found.isLive,
  };
}

/** They are shown where the search has led to them. */
function valuesOf(bound: string | null, words: readonly string[]): StatementView['values'] {
  if (bound === null || words.length === 0) return null;
  const { excerpt, match } = excerptOf(bound, words);
  return match.length === 0 ? null : { text: excerpt, match };
}

export function taskViewOf(found: FoundTask): StatementSearchPage['tasks'][number] {
  const { grant, principal, target, title, reference, openedAtUs, isLive } = found;
  return { grant, principal, target, task: { title, reference }, openedAt: timeOfUs(openedAtUs), live: isLive };
}

export function timeOfUs(us: number): string {
  return timeOf(Math.floor(us / 1000));
}
