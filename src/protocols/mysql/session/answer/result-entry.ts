import type { BytesReference, ResultEntry } from '../../../../recording/entries/entries.js';
import type { CommandResult, ResultPart } from '../../recorded/bodies.js';
import type { ResponseTracker } from '../../wire/response/response-tracker.js';

export interface AnsweredCommand {
  readonly session: number;
  readonly statement: number | undefined;
  readonly command: string;
  readonly outcome: ResultEntry['outcome'];
  readonly tracker: Pick<ResponseTracker, 'results' | 'error'>;
  readonly durationUs: number;
  readonly response: BytesReference | undefined;
}

/** What came of a command, as the recording says it. */
export function resultEntry(answered: AnsweredCommand): CommandResult {
  const { session, statement, command, outcome, tracker, durationUs, response } = answered;
  const results = tracker.results.map(resultPart);
  const { error } = tracker;
  // As nearly all are. What is absent has no field, and spreading it in costs as much as the rest of the entry.
  if (statement !== undefined && error === undefined && response !== undefined) {
    const body = { results };
    return { type: 'result', session, operation: statement, name: command, outcome, durationUs, response, body };
  }
  return {
    type: 'result',
    session,
    ...(statement === undefined ? {} : { operation: statement }),
    name: command,
    outcome,
    durationUs,
    ...(response === undefined ? {} : { response }),
    body: error === undefined ? { results } : { results, error },
  };
}

function resultPart(result: ResponseTracker['results'][number]): ResultPart {
  if (result.kind === 'rows') {
    return { kind: 'rows', columns: result.columns, rows: result.rows, warnings: result.warnings };
  }
  return {
    kind: 'ok',
    affectedRows: decimal(result.affectedRows),
    lastInsertId: decimal(result.lastInsertId),
    warnings: result.warnings,
  };
}

/** JSON numbers are exact up to 2^53; larger ones are text. */
function decimal(value: number | bigint): number | string {
  return typeof value === 'bigint' ? String(value) : value;
}
