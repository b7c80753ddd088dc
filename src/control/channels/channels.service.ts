import { Injectable } from '@nestjs/common';
import type { ChannelList, ChannelView, NoticesChange, NoticesView } from '../../contracts/channels/channel.js';
import { assert } from '../../kernel/assert.js';
import { BrokerError } from '../../kernel/errors.js';
import { ChannelStateRepository } from '../../persistence/channels/channel-state.repository.js';
import { NoticeChoiceRepository } from '../../persistence/email/notice-choice.repository.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { channelViewOf, isConfigured, isTestable } from './channel-view.js';

/** The channel by which people get digests. */
const EMAIL = 'email';

/** How the workers reach people and programs, as the state database has it; and what somebody wants to get. */
@Injectable()
export class ChannelsService {
  constructor(
    private readonly states: ChannelStateRepository,
    private readonly choices: NoticeChoiceRepository,
    private readonly principals: PrincipalRepository,
    private readonly record: AdminRecord,
  ) {}

  async list(): Promise<ChannelList> {
    return { items: (await this.states.list()).map(channelViewOf) };
  }

  /**
   * Has a worker send a test. @throws BrokerError `channel_not_found`, `channel_not_testable`, `channel_test_under_way`
   */
  async test(caller: Caller, name: string): Promise<ChannelView> {
    return this.record.together(async (at) => {
      const states = at.of(ChannelStateRepository);
      const found = await states.find(name);
      if (found === undefined) throw new BrokerError('channel_not_found');
      if (!isTestable(found)) throw new BrokerError('channel_not_testable');
      const { id, name: by } = caller;
      if ((await states.askTest(name, { id, name: by })) === undefined) throw new BrokerError('channel_test_under_way');
      const asked = await states.find(name);
      assert(asked !== undefined, 'rows of channels are never removed');
      const subject = { kind: 'channel', name } as const;
      return { result: channelViewOf(asked), note: { act: 'channel.tested', by: caller, subject } };
    });
  }

  async noticesOf(caller: Caller): Promise<NoticesView> {
    const [row, email, channel] = await Promise.all([
      this.principals.findById(caller.id),
      this.choices.emailOf(caller.person),
      this.states.find(EMAIL),
    ]);
    const emailConfigured = channel === undefined ? null : isConfigured(channel);
    return { email, address: row?.email ?? null, emailConfigured };
  }

  async chooseNotices(caller: Caller, { email }: NoticesChange): Promise<NoticesView> {
    await this.choices.chooseEmail(caller.id, email);
    return this.noticesOf(caller);
  }
}
