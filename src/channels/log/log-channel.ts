import type { Channel, ChannelMetrics } from '../channel.js';
import type { ApprovalNotice, Notifier } from '../notifier.js';

/** Where notices go; pino's loggers fit. */
export interface NoticeLog {
  info(fields: object, message: string): void;
}

const LOG = 'log';

/** Notes every notice in the log: who, where and how it stands, never the statement or its rows. */
export class LogNotifier implements Notifier {
  constructor(
    private readonly log: NoticeLog,
    private readonly metrics: Pick<ChannelMetrics, 'sent'>,
  ) {}

  async notify({ event, approval, approvers }: ApprovalNotice): Promise<void> {
    const { id, kind, state, grant, principal, target, quorum, expiresAt } = approval;
    this.log.info(
      { approval: id, event, kind, state, grant, principal: principal.name, target, approvers, quorum, expiresAt },
      'approval',
    );
    this.metrics.sent(LOG, 'sent');
  }
}

/** Always there: who has nothing else can follow the log. */
export const logChannel: Channel = {
  name: LOG,
  open: async ({ log, metrics }) => ({ notifier: new LogNotifier(log, metrics) }),
};
