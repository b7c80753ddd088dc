import type { KnownBlock, MessageMetadata } from '@slack/types';
import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { ApprovalId } from '../../../kernel/brand.js';
import { askedTextOf, type QuestionText } from './asked-text.js';
import {
  type ButtonFields,
  buttonsBlock,
  factBlocks,
  type FactText,
  headerBlock,
  labelBlock,
  linkBlock,
  type OwnLabel,
  preformattedBlock,
  textBlock,
} from './blocks.js';
import { effectLines, sampleText } from './effect-lines.js';
import { type HeadlineText, headlineText } from './headline.js';
import { answerLines, resultLines, scopeText, STATE_WORDS } from './outcome-lines.js';
import { BLOCKS_MAX, cutText, MESSAGE_CHARACTERS_MAX, messageSize } from './sizes.js';
import { escaped } from './escaped.js';

export const METADATA_TYPE = 'doorwarden_approval';
const TEXT_MAX = 1_500;

/** What Slack shows of an approval. */
export interface SlackMessage {
  /** For notifications; nothing in it is the agent's. */
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  /** By it the broker finds its own message again. */
  readonly metadata: MessageMetadata;
}

export interface MessageOptions {
  /** Where people find the page, without a slash at its end. */
  readonly publicUrl: string;
  /** Whether sample rows of the target may be in it. */
  readonly showRows: boolean;
}

/**
 * The message of an approval as it is now. It can be decided by only when everything that is asked stands in it, whole;
 * else it has the beginning and a link. Every size is within Slack's limits.
 */
export function approvalMessage(view: ApprovalView, options: MessageOptions): SlackMessage {
  const headline = headlineText(view);
  const asked = askedTextOf(view);
  const blocks = wholeBlocks(view, { headline, asked, ...options });
  const fits = blocks.length <= BLOCKS_MAX && messageSize(blocks) <= MESSAGE_CHARACTERS_MAX;
  return { ...frameOf(view, headline), blocks: fits ? blocks : shortBlocks(view, headline, options) };
}

/** The least that can be said, with a link: for what Slack refuses in another form. */
export function leastMessage(view: ApprovalView, options: Pick<MessageOptions, 'publicUrl'>): SlackMessage {
  const headline = headlineText(view);
  return { ...frameOf(view, headline), blocks: shortBlocks(view, headline, options) };
}

interface Drawn extends MessageOptions {
  readonly headline: HeadlineText;
  readonly asked: QuestionText;
}

function wholeBlocks(view: ApprovalView, drawn: Drawn): readonly KnownBlock[] {
  const { headline, showRows } = drawn;
  const isPending = view.state === 'pending';
  const sample = showRows && isPending ? sampleText(view) : '';
  return [
    headerBlock(titleOf(view, headline)),
    ...linesBlock(isPending ? [] : [...answerLines(view), ...resultLines(view)]),
    textBlock([headline.sentence, ...headline.dangers.map((danger) => `⚠ ${danger}`)].join('\n')),
    ...factBlocks(factsOf(view)),
    ...taskBlocks(view),
    ...askedBlocks(view, drawn.asked),
    ...linesBlock(isPending ? effectLines(view) : []),
    ...(sample === '' ? [] : [labelBlock('Rows that match'), preformattedBlock(sample)]),
    ...linesBlock(whyLines(view)),
    ...linesBlock(isPending ? answerLines(view) : []),
    ...endBlocks(view, drawn),
  ];
}

/** Nothing that anybody else has written, but names. */
function shortBlocks(
  view: ApprovalView,
  headline: HeadlineText,
  { publicUrl }: Pick<MessageOptions, 'publicUrl'>,
): readonly KnownBlock[] {
  return [
    headerBlock(titleOf(view, headline)),
    textBlock(`${headline.sentence}\nIt is too large for Slack: the page has all of it.`),
    linkBlock('Open it in Doorwarden', pageOf(view, publicUrl)),
  ];
}

function frameOf(view: ApprovalView, headline: HeadlineText): Pick<SlackMessage, 'text' | 'metadata'> {
  return {
    text: escaped(titleOf(view, headline)),
    metadata: { event_type: METADATA_TYPE, event_payload: { approval: view.id, revision: view.revision } },
  };
}

function titleOf({ state }: ApprovalView, { title }: HeadlineText): string {
  return `${STATE_WORDS[state]}: ${title}`;
}

function linesBlock(lines: readonly string[]): readonly KnownBlock[] {
  return lines.length === 0 ? [] : [textBlock(lines.join('\n'))];
}

function factsOf(view: ApprovalView): readonly (readonly [OwnLabel, FactText])[] {
  const { principal, sponsor, target, database, inTransaction, state, expiresAt, settledAt } = view;
  const by =
    sponsor === null ? 'nobody answers for it' : `${sponsor.name}${sponsor.isClaim ? ' (as its token claims)' : ''}`;
  return [
    principal.kind === 'agent' ? ['Agent', principal.name] : ['Asked by', principal.name],
    ...(principal.kind === 'agent' || sponsor !== null ? [['Sponsor', by] as const] : []),
    ['Target', target],
    ...(database === null || database === '' ? [] : [['Database', database] as const]),
    ...(inTransaction ? [['Transaction', 'inside of an open one'] as const] : []),
    ...(state === 'pending' ? [['Waits until', { time: expiresAt }] as const] : []),
    ...(settledAt === null ? [] : [['Settled', { time: settledAt }] as const]),
  ];
}

function taskBlocks({ task }: ApprovalView): readonly KnownBlock[] {
  const reference = task.reference === null ? [] : [`Reference: ${cutText(task.reference, 600)}`];
  return [labelBlock('From the agent'), textBlock([`Task: ${cutText(task.title, 600)}`, ...reference].join('\n'))];
}

function askedBlocks({ request }: ApprovalView, { text, values, isWhole }: QuestionText): readonly KnownBlock[] {
  if (text.trim() === '') return [];
  const label =
    request === null
      ? (['Statement', 'Not the whole statement: its first lines'] as const)
      : (['Access', 'Not the whole access: its first lines'] as const);
  return [
    labelBlock(isWhole ? label[0] : label[1]),
    preformattedBlock(text),
    ...(values === '' ? [] : [labelBlock('Bound values'), preformattedBlock(values)]),
  ];
}

function whyLines({ why, warning, policies }: ApprovalView): readonly string[] {
  return [
    ...(warning === null ? [] : [`The policy warns: ${cutText(warning, TEXT_MAX)}`]),
    ...(why === '' ? [] : [`Why it waits: ${cutText(why, TEXT_MAX / 2)}`]),
    ...(policies.length === 0 ? [] : [`Policies: ${cutText(policies.join(', '), TEXT_MAX / 3)}`]),
  ];
}

function endBlocks(view: ApprovalView, { asked, headline, publicUrl }: Drawn): readonly KnownBlock[] {
  const page = pageOf(view, publicUrl);
  if (view.state !== 'pending') return [linkBlock('Open it in Doorwarden', page)];
  const whyNot = whyNoButtons(view, asked);
  const value = JSON.stringify({ a: view.id, r: view.revision });
  const open: ButtonFields = { action: 'open', text: 'Open in Doorwarden', value, url: page };
  const buttons = whyNot === null ? [...decideButtons(view, headline, value), open] : [open];
  return [...linesBlock(whyNot === null ? [] : [whyNot]), buttonsBlock(`dw:${view.id}:${view.revision}`, buttons)];
}

/** Why nobody can decide by this message, in a sentence; null when people can. */
function whyNoButtons({ decideIn, reauthenticateSeconds, statement, request }: ApprovalView, asked: QuestionText) {
  if (decideIn === 'web') return 'Only people who are signed in on the page may decide this.';
  if (reauthenticateSeconds !== null)
    return 'Anyone who decides this must have signed in on the page a short time ago.';
  if (statement === null && request === null) return 'This version of the broker cannot show what is asked.';
  return asked.isWhole ? null : 'This is not all of it: read it on the page, and decide there.';
}

function decideButtons(view: ApprovalView, headline: HeadlineText, value: string): readonly ButtonFields[] {
  const { offeredScope, scopes, warning } = view;
  const rows = offeredScope?.rowsMax ?? null;
  const asks = warning !== null || headline.dangers.length > 0;
  const effect = offeredScope === null ? headline.sentence : `${headline.sentence} Scope: ${scopeText(offeredScope)}.`;
  const confirm = { title: 'Approve this?', text: effect, yes: 'Approve' };
  return [
    {
      action: 'approve',
      text: rows === null ? 'Approve' : `Approve (at most ${rows} ${rows === 1 ? 'row' : 'rows'})`,
      value,
      ...(asks ? { confirm } : {}),
    },
    { action: 'deny', text: 'Deny…', value },
    ...(scopes?.shape.possible === true && offeredScope !== null
      ? [{ action: 'shape', text: 'Approve this shape…', value } as const]
      : []),
  ];
}

function pageOf({ id }: { readonly id: ApprovalId | string }, publicUrl: string): string {
  return `${publicUrl}/approvals/${id}`;
}
