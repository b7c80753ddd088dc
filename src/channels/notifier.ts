import type { ApprovalView } from '../contracts/approvals/approval.js';
import type { NoticeEvent } from '../persistence/approvals/approval-sweep.repository.js';

/** What people are told of an approval. */
export interface ApprovalNotice {
  /**
   * `asked`: someone must decide; `updated`: its preview is there, or somebody approved and others must; `reminded`: half
   * of the time is over; `settled`: it is decided, withdrawn, timed out or cancelled, as the approval's state says. One that was settled
   * before it could be told is told as settled only. `approval.revision` says which of two notices is the later one.
   */
  readonly event: NoticeEvent;
  /** Everything that an approver is shown, rows of the target included: only for the eyes of approvers. */
  readonly approval: ApprovalView;
  /** Groups of whom decisions must come; empty: anyone with the role approver. */
  readonly approvers: readonly string[];
}

/**
 * A way to reach people. The worker calls it once for each event, and again when it died meanwhile or the call failed:
 * a notice that comes twice must do no harm. What it throws is logged and tried again later, and so is what takes longer than
 * the signal lets it.
 */
export interface Notifier {
  notify(notice: ApprovalNotice, signal: AbortSignal): Promise<void>;
}
