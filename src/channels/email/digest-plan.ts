import { refusalToDecide } from '../../domain/approval-rules.js';
import type { ApprovalId } from '../../kernel/brand.js';
import type { Decided } from '../../persistence/approvals/approval.repository.js';
import type { EmailRecipient } from '../../persistence/email/email-recipient.repository.js';
import type { EmailDigestRow } from '../../persistence/entities/channels/email.js';

/** A digest that was not sent in this time is given up. */
export const DIGEST_MS_MAX = 24 * 3_600_000;

/**
 * The questions that a person may decide as things are, those whose time ends first before the others. They open the page
 * to decide and sign in there, so terms that ask for that keep none back.
 */
export function waitingFor(
  { person, principals }: EmailRecipient,
  pending: readonly Decided[],
  nowMs: number,
): readonly Decided[] {
  const session = { signedInAtMs: nowMs };
  const mayDecide = (row: Decided): boolean => {
    const { state, principalId: requesterId, sponsors, summary, decisions: answers, expiresAtMs } = row;
    const isExpired = expiresAtMs <= nowMs;
    const asked = { state, isExpired, requesterId, sponsors, terms: summary.terms, answers, nowMs };
    return principals.some((principal) => refusalToDecide(asked, { ...principal, person, session }) === null);
  };
  return pending.filter(mayDecide).toSorted((one, other) => one.expiresAtMs - other.expiresAtMs);
}

/** What is known of a person's digests when somebody looks. */
export interface DigestCase {
  /** What waits for the person. */
  readonly waiting: readonly { readonly id: ApprovalId; readonly askedAtMs: number }[];
  readonly told: ReadonlySet<ApprovalId>;
  readonly last: EmailDigestRow | undefined;
  readonly nowMs: number;
  readonly gatherMs: number;
  readonly everyMs: number;
}

/** `none`: there is nothing to do now. `send`: a digest is due, a new one or the one on its way. `close`: it is to be given up. */
export type DigestStep = 'none' | 'send' | 'close';

/** What is to be done now for a person. Times are all of one clock. */
export function digestStep({ waiting, told, last, nowMs, gatherMs, everyMs }: DigestCase): DigestStep {
  if (last !== undefined && last.openedAtMs !== null) {
    if (last.tryAtMs === null || last.tryAtMs > nowMs) return 'none';
    return waiting.length === 0 || nowMs - last.openedAtMs > DIGEST_MS_MAX ? 'close' : 'send';
  }
  const untold = waiting.filter(({ id }) => !told.has(id)).map(({ askedAtMs }) => askedAtMs);
  if (untold.length === 0) return 'none';
  const dueAtMs = Math.max(Math.min(...untold) + gatherMs, (last?.sentAtMs ?? -Infinity) + everyMs);
  return dueAtMs <= nowMs ? 'send' : 'none';
}
