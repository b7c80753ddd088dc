import { createHash } from 'node:crypto';
import { isTextUnderstood, type StatementFacts } from '../../../sql/statement.js';
import type { RecordedBulk, RecordedBulkValue } from '../../../sql/bound-values.js';
import { type AskedBulk, cellsOf } from '../../../sql/bound-values.js';
import type { BulkExecuteRequest } from '../../wire/bulk-execute.js';
import type { JudgedBulk, SessionScene } from '../../judge/judgement.js';
import { isAsSent, valuesIn } from '../../judge/statement-text.js';

/** Statements that MariaDB executes with rows of values; what else it would do with them is not looked into. */
const KINDS: ReadonlySet<string> = new Set(['insert', 'replace', 'update', 'delete']);

/** People are shown the rows up to these; how many there are they are told in any case. */
const SHOWN_ROWS_MAX = 1_000;
const SHOWN_CHARACTERS_MAX = 256 * 1024;

/** The rows as a client sent them, read in what its session is set to. */
export class BulkRows implements JudgedBulk {
  readonly recorded: RecordedBulk;
  readonly wantsUnitResults: boolean;
  readonly #sent: Pick<BulkExecuteRequest, 'types' | 'rowBytes'>;
  #digest: string | undefined;

  /** @throws BrokerError `statement_not_utf8` for a value that the session would not keep as it was sent */
  constructor({ types, rows, rowBytes, wantsUnitResults }: BulkExecuteRequest, scene: SessionScene) {
    this.#sent = { types, rowBytes };
    this.recorded = isAsSent(scene)
      ? { types, rows }
      : { types, rows: rows.map((row) => rowIn({ types }, row, scene)) };
    this.wantsUnitResults = wantsUnitResults;
  }

  get count(): number {
    return this.recorded.rows.length;
  }

  get digest(): string {
    const { types, rowBytes } = this.#sent;
    this.#digest ??= createHash('sha256').update(JSON.stringify(types)).update('\n').update(rowBytes).digest('hex');
    return this.#digest;
  }

  get hasDefault(): boolean {
    return this.recorded.rows.some((row) => row.some((value) => indicatorOf(value) === 'default'));
  }

  kinds(kindOf: (type: string) => string): readonly (readonly string[])[] {
    const { types, rows } = this.recorded;
    return types.map(({ type }, index) => {
      const found = new Set(rows.map((row) => indicatorOf(row[index] ?? null) ?? 'value'));
      return [...found].map((kind) => (kind === 'value' ? kindOf(type) : kind)).sort();
    });
  }

  asked(): AskedBulk {
    const { types, rows } = this.recorded;
    let characters = 0;
    let shown = 0;
    for (const row of rows.slice(0, SHOWN_ROWS_MAX)) {
      characters += row.reduce<number>((sum, value) => sum + lengthOf(value), 0);
      if (shown > 0 && characters > SHOWN_CHARACTERS_MAX) break;
      shown += 1;
    }
    return { rowCount: rows.length, types, rows: rows.slice(0, shown) };
  }
}

/** Why a statement is not executed with these rows; undefined when it may be. */
export function whyNotInBulk(rows: Pick<JudgedBulk, 'hasDefault'>, facts: StatementFacts): string | undefined {
  const { kind, action } = facts;
  if (!KINDS.has(kind) || !isTextUnderstood(facts)) {
    return 'With many rows of values the broker runs only an INSERT, REPLACE, UPDATE or DELETE that it understands.';
  }
  // MariaDB 10.11 falls over this where the default is a sequence.
  const takesDefault = action === 'insert' || action === 'replace';
  return takesDefault || !rows.hasDefault ? undefined : 'Only INSERT and REPLACE can have DEFAULT in place of a value.';
}

function rowIn(
  { types }: Pick<RecordedBulk, 'types'>,
  row: readonly RecordedBulkValue[],
  scene: SessionScene,
): readonly RecordedBulkValue[] {
  return cellsOf({ types }, row).map((cell): RecordedBulkValue => {
    if ('indicator' in cell) return cell;
    const [{ value, encoding } = cell] = valuesIn([cell], scene);
    return encoding === undefined ? value : { base64: String(value) };
  });
}

function indicatorOf(value: RecordedBulkValue): 'default' | 'ignore' | 'null' | undefined {
  if (value === null) return 'null';
  return typeof value === 'object' && 'indicator' in value ? value.indicator : undefined;
}

/** In JSON, about. */
function lengthOf(value: RecordedBulkValue): number {
  if (typeof value === 'string') return value.length + 3;
  return typeof value === 'object' && value !== null && 'base64' in value ? value.base64.length + 14 : 24;
}
