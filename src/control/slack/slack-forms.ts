import { sealFormNote, type FormSeal } from '../../channels/slack/receive/form-note.js';
import { denyForm, SHAPE_CHARACTERS_MAX, shapeForm } from '../../channels/slack/receive/forms.js';
import type { SlackCalls } from '../../channels/slack/receive/slack-calls.js';
import type { ApprovalView } from '../../contracts/approvals/approval.js';
import type { SlackAccount, SlackAsked, SlackPlace } from '../../domain/slack-asked.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ApprovalsService } from '../approvals/approvals.service.js';
import type { SlackCallers } from './slack-callers.js';

/** Somebody who clicked for a form. */
export interface WantedForm {
  readonly account: SlackAccount;
  readonly asked: Extract<SlackAsked, { kind: 'form' }>;
  readonly place: SlackPlace | null;
  /** Null: it is too old to open anything. */
  readonly trigger: string | null;
}

/** Opens the forms in which people say why they deny, or how far an approval of a shape reaches. */
export class SlackForms {
  constructor(
    private readonly people: SlackCallers,
    private readonly approvals: Pick<ApprovalsService, 'questionOf'>,
    private readonly calls: SlackCalls,
    private readonly seal: FormSeal,
    /** Looking somebody up takes no call of Slack's, which would cost the time in which a form can open. */
    private readonly isQuickToKnow: boolean,
  ) {}

  /**
   * @throws BrokerError `slack_too_late` when Slack does not open it in time, `slack_form_too_large`, `approval_changed`, and
   * what {@link SlackCallers.callerOf} throws
   */
  async open({ account, asked, place, trigger }: WantedForm): Promise<void> {
    if (trigger === null) throw new BrokerError('slack_too_late');
    if (this.isQuickToKnow) await this.people.callerOf(account);
    const { approval, revision, form } = asked;
    const question = await this.approvals.questionOf(approval);
    requireOpen(question, revision);
    const { channel = null, message = null } = place ?? {};
    const note = sealFormNote({ form, approval, revision, channel, message }, this.seal);
    const view = form === 'deny' ? denyForm(note) : shapeForm(note, shapeOf(question));
    try {
      await this.calls.openForm(trigger, view);
    } catch (cause) {
      throw new BrokerError('slack_too_late', { cause });
    }
  }
}

/** People are judged when they send a form; here they are spared the work. */
function requireOpen({ state, revision }: ApprovalView, seen: number): void {
  if (state === 'approved' || state === 'denied') throw new BrokerError('approval_already_decided');
  if (state === 'withdrawn') throw new BrokerError('approval_withdrawn');
  if (state === 'cancelled') throw new BrokerError('approval_cancelled');
  if (state === 'timed-out') throw new BrokerError('approval_timed_out');
  if (revision !== seen) throw new BrokerError('approval_changed');
}

function shapeOf({ scopes, offeredScope }: ApprovalView): { readonly text: string; readonly rowsMax: number | null } {
  const shape = scopes?.shape;
  if (shape?.possible !== true) throw new BrokerError('approval_scope_invalid');
  if (shape.text === null || shape.text.length > SHAPE_CHARACTERS_MAX) throw new BrokerError('slack_form_too_large');
  return { text: shape.text, rowsMax: offeredScope?.rowsMax ?? null };
}
