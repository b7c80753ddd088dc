import type { SlackSettings } from '../../config/slack.js';
import { SlackMessageRepository } from '../../persistence/slack/slack-message.repository.js';
import { SlackPaceRepository } from '../../persistence/slack/slack-pace.repository.js';
import type { ChannelParts, OpenChannel } from '../channel.js';
import { SlackLanes } from './send/slack-lanes.js';
import { SlackSender } from './send/slack-sender.js';
import { SlackTestSender } from './send/slack-test-sender.js';
import { slackClient } from './slack-api.js';
import { SlackNotifier } from './slack-notifier.js';
import { SlackWriter } from './slack-writer.js';

/** The channel at work, with Slack's packages. `publicUrl`: where links in messages lead. */
export function openSlack(
  settings: SlackSettings,
  publicUrl: string,
  { state, questionOf, clock, log, metrics }: ChannelParts,
): OpenChannel {
  const messages = new SlackMessageRepository(state);
  const paces = new SlackPaceRepository(state);
  const writer = new SlackWriter(slackClient(settings));
  const sender = new SlackSender({
    messages,
    paces,
    writer,
    questionOf,
    message: { publicUrl, showRows: settings.showRows },
    usergroups: settings.usergroups,
    clock,
    log,
    metrics,
  });
  const tests = new SlackTestSender({ writer, paces, channel: settings.channel, publicUrl });
  const lanes = new SlackLanes({ messages, sender, log, metrics });
  return {
    notifier: new SlackNotifier(messages, settings.channel),
    look: (signal) => lanes.serve(signal),
    test: (asked, signal) => tests.send(asked, signal),
  };
}
