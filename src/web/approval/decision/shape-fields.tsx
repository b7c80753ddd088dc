import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { Field } from '../../parts/form/field.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import type { Scope } from './scope-text.js';

const { approval } = texts;
const RUNS_MAX = 1_000;
const ROWS_MAX = 1_000_000_000;

/** What was typed, as it stands in the fields. */
export interface ShapeDraft {
  readonly runs: string;
  readonly rows: string;
}

export interface ShapeFieldsProps {
  readonly view: ApprovalView;
  readonly draft: ShapeDraft;
  readonly onChange: (draft: ShapeDraft) => void;
}

/** How many statements of one shape may run, and with how many rows each. */
export function ShapeFields({ view, draft, onChange }: ShapeFieldsProps) {
  const text = shapeTextOf(view);
  return (
    <div className="shape-fields">
      <p className="field-hint">{approval.shapeHint}</p>
      {text === undefined ? null : (
        <>
          <p className="field-hint">{approval.shapeText}:</p>
          <pre className="policy-text">
            <Shown text={text} lines />
          </pre>
        </>
      )}
      <Field label={approval.runsMax} error={runsOf(draft) === null ? approval.runsWrong(RUNS_MAX) : undefined}>
        {(control) => (
          <input
            {...control}
            inputMode="numeric"
            value={draft.runs}
            onChange={(event) => onChange({ ...draft, runs: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={approval.rowsMax}
        hint={approval.rowsMaxHint}
        error={rowsOf(draft) === undefined ? approval.rowsWrong : undefined}
      >
        {(control) => (
          <input
            {...control}
            inputMode="numeric"
            value={draft.rows}
            onChange={(event) => onChange({ ...draft, rows: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

/** The scope that was typed; null when it is none. */
export function shapeOf(draft: ShapeDraft): Scope | null {
  const runsMax = runsOf(draft);
  const rowsMax = rowsOf(draft);
  return runsMax === null || rowsMax === undefined ? null : { kind: 'shape', runsMax, rowsMax };
}

function runsOf({ runs }: ShapeDraft): number | null {
  const count = wholeOf(runs);
  return count !== undefined && count >= 1 && count <= RUNS_MAX ? count : null;
}

/** Null: any number of rows; undefined: what was typed is no number. */
function rowsOf({ rows }: ShapeDraft): number | null | undefined {
  if (rows.trim() === '') return null;
  const count = wholeOf(rows);
  return count !== undefined && count <= ROWS_MAX ? count : undefined;
}

function wholeOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : undefined;
}

/** The text of the shape, where the API gives it. */
function shapeTextOf(view: ApprovalView): string | undefined {
  const scopes: unknown = Reflect.get(view, 'scopes');
  const shape: unknown = typeof scopes === 'object' && scopes !== null ? Reflect.get(scopes, 'shape') : undefined;
  const text: unknown = typeof shape === 'object' && shape !== null ? Reflect.get(shape, 'text') : undefined;
  return typeof text === 'string' ? text : undefined;
}
