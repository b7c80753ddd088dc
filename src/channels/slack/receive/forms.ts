import type { KnownBlock, ModalView, PlainTextElement } from '@slack/types';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../../domain/approval-rules.js';

/** As long as a reason may be anywhere. */
export const REASON_CHARACTERS_MAX = 1_000;
/** A shape that is longer is read on the page: a form shows the whole of it or is not opened. */
export const SHAPE_CHARACTERS_MAX = 2_800;
const RUNS_OFFERED = 10;

/** Each field is a block with one element, both of this name. */
export const FORM_FIELDS = { reason: 'reason', runs: 'runs', rows: 'rows' } as const;

/** Asks why somebody denies. */
export function denyForm(note: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'deny',
    private_metadata: note,
    title: plain('Deny'),
    submit: plain('Deny'),
    close: plain('Cancel'),
    blocks: [reasonField({ label: 'Reason; the agent is told', isOptional: false })],
  };
}

/** Asks how often statements of the shape may run, and how many rows each may change. */
export function shapeForm(
  note: string,
  { text, rowsMax }: { readonly text: string; readonly rowsMax: number | null },
): ModalView {
  return {
    type: 'modal',
    callback_id: 'shape',
    private_metadata: note,
    title: plain('Approve this shape'),
    submit: plain('Approve'),
    close: plain('Cancel'),
    blocks: [
      { type: 'section', text: plain('Until the task ends, statements like this run without a question:') },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
      },
      numberField({
        field: FORM_FIELDS.runs,
        label: 'How many of them',
        max: SHAPE_RUNS_MAX,
        min: 1,
        initial: RUNS_OFFERED,
      }),
      numberField({
        field: FORM_FIELDS.rows,
        label: 'Rows that each may change at most; empty: any number',
        max: SCOPE_ROWS_MAX,
        min: 0,
        initial: rowsMax,
        isOptional: true,
      }),
      reasonField({ label: 'Reason; the agent is told', isOptional: true }),
    ],
  };
}

function reasonField({ label, isOptional }: { readonly label: string; readonly isOptional: boolean }): KnownBlock {
  return {
    type: 'input',
    block_id: FORM_FIELDS.reason,
    optional: isOptional,
    label: plain(label),
    element: { type: 'plain_text_input', action_id: FORM_FIELDS.reason, max_length: REASON_CHARACTERS_MAX },
  };
}

interface NumberField {
  readonly field: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly initial: number | null;
  readonly isOptional?: boolean;
}

function numberField({ field, label, min, max, initial, isOptional = false }: NumberField): KnownBlock {
  return {
    type: 'input',
    block_id: field,
    optional: isOptional,
    label: plain(label),
    element: {
      type: 'number_input',
      action_id: field,
      is_decimal_allowed: false,
      min_value: String(min),
      max_value: String(max),
      ...(initial === null ? {} : { initial_value: String(initial) }),
    },
  };
}

function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}
