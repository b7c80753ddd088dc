import type { Channel } from '../channel.js';
import type { ApprovalNotice, Notifier } from '../notifier.js';

/** Where notices go; pino's loggers fit. */
export interface NoticeLog {
  info(fields: object, message: string): void;
}

/** Notes every notice in the log: who, where and how it stands, never the statement or its rows. */
export class LogNotifier implements Notifier {
  constructor(private readonly log: NoticeLog) {}

  async notify({ event, approval, approvers }: ApprovalNotice): Promise<void> {
    const { id, kind, state, grant, principal, target, quorum, expiresAt } = approval;
    this.log.info(
      { approval: id, event, kind, state, grant, principal: principal.name, target, approvers, quorum, expiresAt },
      'approval',
    );
  }
}

/** Always there: who has nothing else can follow the log. */
export const logChannel: Channel = {
  name: 'log',
  open: ({ log }) => ({ notifier: new LogNotifier(log) }),
};
