import { z } from 'zod';
import { reasonText } from '../../../contracts/reason.js';
import { SCOPE_ROWS_MAX, SHAPE_RUNS_MAX } from '../../../domain/approval-rules.js';
import { approvalIdOf, isApprovalId } from '../../../domain/ids.js';
import type { SeenQuestion, SlackAccount, SlackAsked, SlackForm, SlackPlace } from '../../../domain/slack-asked.js';
import { openFormNote, type FormSeal } from './form-note.js';
import { FORM_FIELDS } from './forms.js';

/** What Slack says of a click or a form, as far as the broker reads it; the rest is as Slack likes. */

const id = z.string().regex(/^[A-Z][A-Z0-9]{1,29}$/);
const timestamp = z.string().regex(/^\d{1,16}(\.\d{1,9})?$/);
const word = z.string().min(1).max(255);
const REVISION_MAX = 1_000_000_000;

const person = z.object({ id, team_id: id.nullish() });
const team = z.object({ id }).nullish();

const blockActions = z.object({
  type: z.literal('block_actions'),
  team,
  user: person,
  channel: z.object({ id }).nullish(),
  message: z.object({ ts: timestamp }).nullish(),
  actions: z
    .array(
      z.object({
        action_id: word,
        block_id: word.nullish(),
        value: z.string().max(2_000).nullish(),
        action_ts: timestamp,
      }),
    )
    .min(1)
    .max(25),
  trigger_id: word,
  response_url: z.url().max(500).nullish(),
});

const viewSubmission = z.object({
  type: z.literal('view_submission'),
  team,
  user: person,
  view: z.object({
    id: word,
    hash: z.string().max(255).nullish(),
    callback_id: word,
    private_metadata: z.string().max(3_000),
    state: z.object({
      values: z.record(word, z.record(word, z.looseObject({ value: z.string().max(3_000).nullish() }))),
    }),
  }),
});

/** What needs no answer: a form that was closed. */
const other = z.object({ type: z.enum(['view_closed']) });

const payload = z.discriminatedUnion('type', [blockActions, viewSubmission, other]);
type BlockActions = z.infer<typeof blockActions>;
type ViewSubmission = z.infer<typeof viewSubmission>;

/** One click or form, with what makes it the same one when it comes again. */
export interface SlackAct {
  readonly account: SlackAccount;
  readonly same: readonly string[];
  readonly asked: SlackAsked;
  readonly place: SlackPlace;
  /** Opens one form, within three seconds. */
  readonly trigger: string | null;
}

export type PayloadOutcome =
  | { readonly kind: 'act'; readonly act: SlackAct }
  /** Nothing is to be done: a link was opened, a form was closed. */
  | { readonly kind: 'nothing' }
  /** The form is shown again with a sentence at each of these fields. */
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  /** Not what the broker's own messages send. */
  | { readonly kind: 'invalid' };

export interface PayloadReading {
  /** Says whether a form is one that the broker has opened. */
  readonly seal: FormSeal;
  /** The broker's own workspace. */
  readonly team: string;
}

/** Reads the JSON of a click or a form. */
export function readPayload(text: string, reading: PayloadReading): PayloadOutcome {
  const parsed = payload.safeParse(jsonOf(text));
  if (!parsed.success) return { kind: 'invalid' };
  switch (parsed.data.type) {
    case 'block_actions':
      return clickIn(parsed.data, reading);
    case 'view_submission':
      return formIn(parsed.data, reading);
    case 'view_closed':
      return { kind: 'nothing' };
    default:
      return parsed.data satisfies never;
  }
}

function clickIn(click: BlockActions, { team: own }: PayloadReading): PayloadOutcome {
  const [action] = click.actions;
  if (action === undefined || click.actions.length > 1) return { kind: 'invalid' };
  if (action.action_id === 'open') return { kind: 'nothing' };
  const question = questionIn(action.value ?? '');
  const asked = question && askedBy(action.action_id, question);
  if (asked === undefined) return { kind: 'invalid' };
  const account = accountOf(click, own);
  const same = ['click', account.team, account.user, action.action_ts, action.action_id, action.block_id ?? ''];
  const place = {
    channel: click.channel?.id ?? null,
    message: click.message?.ts ?? null,
    responseUrl: click.response_url ?? null,
  };
  return { kind: 'act', act: { account, same, asked, place, trigger: click.trigger_id } };
}

function askedBy(action: string, question: SeenQuestion): SlackAsked | undefined {
  if (action === 'approve') return { ...question, kind: 'approve', scope: 'offered', reason: null };
  if (action === 'deny' || action === 'shape') return { ...question, kind: 'form', form: action };
  return undefined;
}

const buttonValue = z.strictObject({ a: z.string().refine(isApprovalId), r: z.int().min(1).max(REVISION_MAX) });

function questionIn(value: string): SeenQuestion | undefined {
  const parsed = buttonValue.safeParse(jsonOf(value)).data;
  return parsed && { approval: approvalIdOf(parsed.a), revision: parsed.r };
}

function formIn(submission: ViewSubmission, { seal, team: own }: PayloadReading): PayloadOutcome {
  const { view } = submission;
  const note = openFormNote(view.private_metadata, seal);
  if (note === undefined || note.form !== view.callback_id) return { kind: 'invalid' };
  const { form, approval, revision, ...place } = note;
  const filled = filledIn(form, (field) => view.state.values[field]?.[field]?.value?.trim() ?? '');
  if ('errors' in filled) return { kind: 'errors', errors: filled.errors };
  const account = accountOf(submission, own);
  const same = ['form', account.team, account.user, view.id, view.hash ?? ''];
  const asked = { ...filled.asked, approval, revision };
  return { kind: 'act', act: { account, same, asked, place: { ...place, responseUrl: null }, trigger: null } };
}

type Filled =
  | {
      readonly asked:
        | { readonly kind: 'deny'; readonly reason: string }
        | {
            readonly kind: 'approve';
            readonly scope: { readonly kind: 'shape'; readonly runsMax: number; readonly rowsMax: number | null };
            readonly reason: string | null;
          };
    }
  | { readonly errors: Readonly<Record<string, string>> };

function filledIn(form: SlackForm, valueOf: (field: string) => string): Filled {
  const reason = valueOf(FORM_FIELDS.reason);
  if (reason !== '' && !reasonText.safeParse(reason).success) return { errors: { [FORM_FIELDS.reason]: REASON_LINE } };
  if (form === 'deny') {
    return reason === '' ? { errors: { [FORM_FIELDS.reason]: REASON_NEEDED } } : { asked: { kind: 'deny', reason } };
  }
  const runsMax = wholeIn(valueOf(FORM_FIELDS.runs), 1, SHAPE_RUNS_MAX);
  const rows = valueOf(FORM_FIELDS.rows);
  const rowsMax = rows === '' ? null : wholeIn(rows, 0, SCOPE_ROWS_MAX);
  if (runsMax === undefined) return { errors: { [FORM_FIELDS.runs]: wholeNeeded(1, SHAPE_RUNS_MAX) } };
  if (rowsMax === undefined) return { errors: { [FORM_FIELDS.rows]: wholeNeeded(0, SCOPE_ROWS_MAX) } };
  return {
    asked: { kind: 'approve', scope: { kind: 'shape', runsMax, rowsMax }, reason: reason === '' ? null : reason },
  };
}

const REASON_NEEDED = 'Say why; the agent is told.';
const REASON_LINE = 'One line of at most 1,000 characters, without control characters.';

function wholeNeeded(min: number, max: number): string {
  return `A whole number from ${min} to ${max}.`;
}

function wholeIn(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

/** A user of another workspace, or one who acts in another workspace, is of that one: where they differ, the foreign one counts. */
function accountOf({ team: there, user }: BlockActions | ViewSubmission, own: string): SlackAccount {
  const teams = [there?.id, user.team_id].filter((one) => typeof one === 'string');
  return { team: teams.find((one) => one !== own) ?? teams[0] ?? 'NONE', user: user.id };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema takes it
  }
}
