import type {
  RecordedStatementView,
  RecordedResultView,
  ResultCell,
} from '../../contracts/recordings/recorded-statement.js';
import { CELL_CHARACTERS_MAX } from '../../contracts/recordings/recorded-statement.js';
import type { ToldEntryView } from '../../contracts/recordings/recording.js';
import type { BytesReference } from '../../recording/entries/entries.js';
import type { StatementLook } from '../../recording/look/statement.js';
import type { AnswerCell, AnswerResult, ToldError } from '../../recording/replay/answer.js';
import type { AskedText } from '../../recording/replay/teller.js';

/** What a protocol says of a statement; all null where this version does not know it. */
export interface ToldParts {
  readonly asked: AskedText | null;
  readonly told: ToldEntryView | null;
  readonly forwardedLines: readonly string[];
  readonly toldResult: ToldEntryView | null;
  readonly error: ToldError | null;
}

export interface StatementViewParts {
  readonly grantId: string;
  readonly format: number;
  readonly look: StatementLook;
  readonly words: ToldParts;
  readonly fetches: RecordedStatementView['fetches'];
}

/** A statement of a recording as the API shows it. */
export function statementViewOf({ grantId, format, look, words, fetches }: StatementViewParts): RecordedStatementView {
  const { entry, written } = look.operation;
  const { asked } = words;
  return {
    grantId,
    operation: entry.operation,
    seq: entry.seq,
    session: entry.session,
    at: entry.at,
    format,
    entry: { ...written },
    text: asked?.text ?? null,
    database: asked?.place ?? null,
    values: asked?.values.map((value) => ({ ...value })) ?? [],
    rowsOfValues: asked?.rowsOfValues ?? null,
    told: words.told,
    name: entry.name,
    verdict: entry.verdict,
    policies: [...entry.policies],
    shape: entry.shape,
    why: entry.why ?? null,
    approval: approvalOf(look),
    forwarded: forwardedOf(look, words),
    result: resultOf(look, words),
    noResult: look.noResult,
    fetches,
    times: timesOf(look),
    chain: { ...look.chain, holds: look.chain.before === null || look.chain.before === look.chain.prev },
  };
}

function approvalOf({ asked, decided }: StatementLook): RecordedStatementView['approval'] {
  if (asked === undefined) return null;
  return {
    seq: asked.seq,
    id: asked.approval,
    approvers: [...asked.approvers],
    quorum: asked.quorum,
    expiresAt: asked.expires,
    again: asked.again,
    decided:
      decided === undefined
        ? null
        : {
            seq: decided.seq,
            outcome: decided.outcome,
            scope: decided.scope ?? null,
            decisions: decided.decisions.map(({ by, decision, reason, at, decidedWith }) => {
              return { by, decision, reason, at, decidedWith: decidedWith ?? null };
            }),
          },
  };
}

function forwardedOf({ forwarded }: StatementLook, words: ToldParts): RecordedStatementView['forwarded'] {
  if (forwarded === undefined) return null;
  const { seq, at, given = [] } = forwarded;
  return { seq, at, given: [...given], lines: [...words.forwardedLines] };
}

function resultOf({ result }: StatementLook, words: ToldParts): RecordedStatementView['result'] {
  if (result === undefined) return null;
  const { seq, outcome, durationUs, request, response } = result;
  return {
    seq,
    outcome,
    durationUs,
    told: words.toldResult,
    error: words.error,
    request: keptOf(request),
    response: keptOf(response),
  };
}

export function keptOf(reference: BytesReference | undefined): RecordedResultView['response'] {
  if (reference === undefined) return null;
  const { bytes, kept, sha256 } = reference;
  return { bytes, kept, sha256 };
}

/** As a replay has them: what a worker has written after an interruption is on a clock of its own. */
function timesOf({ operation: { entry }, decided, forwarded, result }: StatementLook): RecordedStatementView['times'] {
  const isKnown = result !== undefined && result.outcome !== 'unknown' && result.mono >= entry.mono;
  const answeredUs = isKnown ? result.mono : null;
  return {
    arrivedUs: answeredUs === null ? null : Math.min(answeredUs - (result?.durationUs ?? 0), entry.mono),
    judgedUs: entry.mono,
    decidedUs: decided?.mono ?? null,
    forwardedUs: forwarded?.mono ?? (entry.verdict === 'allow' ? entry.mono : null),
    answeredUs,
  };
}

/** Cut before it is made text: a value may have megabytes. */
export function cellViewOf(cell: AnswerCell): ResultCell {
  if (cell === null) return null;
  if (typeof cell !== 'string') {
    return { hex: cell.toString('hex', 0, CELL_CHARACTERS_MAX / 2), bytes: cell.length };
  }
  return cell.length <= CELL_CHARACTERS_MAX
    ? cell
    : { text: cell.slice(0, CELL_CHARACTERS_MAX), bytes: Buffer.byteLength(cell) };
}

export function resultHeadOf(result: AnswerResult): RecordedResultView['results'][number] {
  return result.kind === 'done'
    ? { ...result }
    : { ...result, columns: result.columns.map((column) => ({ ...column })) };
}
