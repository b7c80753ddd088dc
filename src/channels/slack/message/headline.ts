import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import type { DangerKind } from '../../../domain/headline.js';
import { cutText } from './sizes.js';

/** The broker's sentence as messages have it. */
export interface HeadlineText {
  /** `UPDATE on orders-db (prod)`: nothing in it is the agent's. */
  readonly title: string;
  /** `UPDATE shop.orders: 1 row of 8 changes (exact).` */
  readonly sentence: string;
  readonly dangers: readonly string[];
}

const DANGER_WORDS: Readonly<Record<DangerKind, string>> = {
  irreversible: 'Cannot be undone',
  notUnderstood: 'Not understood',
  unknownCount: 'Unknown count',
  wholeTable: 'Whole table',
};

const ENV_CHARACTERS_MAX = 40;

export function headlineText(view: ApprovalView): HeadlineText {
  const { headline, kind, preview } = view;
  const target = placeText(view);
  const { verb, place, amount, isExact, dangers } = headline;
  const words = dangers.map((danger) => DANGER_WORDS[danger]);
  if (kind === 'grant') {
    const title = `Access to ${target}`;
    return { title, sentence: amount === null ? `${title}.` : `${title} ${amount}.`, dangers: words };
  }
  const how = amount === null ? uncounted(preview) : `${amount}${isExact ? ' (exact)' : ''}`;
  return { title: `${verb} on ${target}`, sentence: `${verb} ${place}: ${how}.`, dangers: words };
}

/** `orders-db (prod)`: what stands there is what an operator has called it. */
function placeText({ target, targetLabels }: ApprovalView): string {
  const env = targetLabels?.['env'] ?? '';
  return env === '' ? target : `${target} (${cutText(env, ENV_CHARACTERS_MAX)})`;
}

function uncounted({ state }: ApprovalView['preview']): string {
  return state === 'pending' ? 'the rows are still being counted' : 'its rows are not counted';
}
