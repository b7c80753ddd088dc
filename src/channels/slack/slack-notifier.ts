import type { SlackSettings } from '../../config/slack.js';
import { approvalIdOf } from '../../domain/ids.js';
import type { SlackMessageRepository } from '../../persistence/slack/slack-message.repository.js';
import type { ApprovalNotice, Notifier } from '../notifier.js';

/** An approval that Slack did not take until so long after its time is not shown there any more. */
/** Of all policies together. */
const CHANNELS_MAX = 20;
const GIVE_UP_MS = 86_400_000;

/** Notes what Slack is to show; it waits for nobody but the state database. */
export class SlackNotifier implements Notifier {
  constructor(
    private readonly messages: Pick<SlackMessageRepository, 'want'>,
    private readonly channel: SlackSettings['channel'],
  ) {}

  async notify({ event, approval }: ApprovalNotice): Promise<void> {
    const { id, slackChannels, revision, expiresAt } = approval;
    const byDefault = this.channel === null ? [] : [this.channel];
    await this.messages.want({
      approvalId: approvalIdOf(id),
      channels: slackChannels.length === 0 ? byDefault : slackChannels.slice(0, CHANNELS_MAX),
      revision,
      remind: event === 'reminded',
      giveUpAtMs: Date.parse(expiresAt) + GIVE_UP_MS,
    });
  }
}
