import type { ApprovalId } from '../kernel/brand.js';
import type { ApprovalScope } from './approval.js';

/** Somebody in Slack, by the ids of the workspace and of the user. */
export interface SlackAccount {
  readonly team: string;
  readonly user: string;
}

/** How a decision, a record's entry and a log name somebody in Slack. */
export function accountText({ team, user }: SlackAccount): string {
  return `${team}/${user}`;
}

/** The forms that open over a message. */
export const SLACK_FORMS = ['deny', 'shape'] as const;
export type SlackForm = (typeof SLACK_FORMS)[number];

/** A question as somebody saw it in Slack. */
export interface SeenQuestion {
  readonly approval: ApprovalId;
  readonly revision: number;
}

/** What somebody did in Slack that the broker has to act on. */
export type SlackAsked =
  /** `offered`: as far as the question itself offers, as its page does. */
  | (SeenQuestion & {
      readonly kind: 'approve';
      readonly scope: 'offered' | ApprovalScope;
      readonly reason: string | null;
    })
  | (SeenQuestion & { readonly kind: 'deny'; readonly reason: string })
  | (SeenQuestion & { readonly kind: 'form'; readonly form: SlackForm })
  /** The code itself is not kept, only its SHA-256 in hex. */
  | { readonly kind: 'link'; readonly codeHash: string };

/** Where its answer is shown, to nobody else. */
export interface SlackPlace {
  readonly channel: string | null;
  /** The message that it was about. */
  readonly message: string | null;
  /** An address of Slack's own that takes an answer for half an hour. */
  readonly responseUrl: string | null;
}
