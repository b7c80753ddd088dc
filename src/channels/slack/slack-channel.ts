import { ConfigError } from '../../config/load.js';
import { slackSettingsOf } from '../../config/slack.js';
import { SlackMessageRepository } from '../../persistence/slack/slack-message.repository.js';
import { SlackPaceRepository } from '../../persistence/slack/slack-pace.repository.js';
import type { Channel } from '../channel.js';
import { SlackLanes } from './send/slack-lanes.js';
import { CHANNEL_NAME, SlackSender } from './send/slack-sender.js';
import { SlackTestSender } from './send/slack-test-sender.js';
import { slackClient } from './slack-api.js';
import { SlackNotifier } from './slack-notifier.js';
import { SlackWriter } from './slack-writer.js';

/** Slack: approvals in its channels, as they are now. What people answer there is taken by the api. */
export const slackChannel: Channel = {
  name: CHANNEL_NAME,
  open({ config, state, questionOf, clock, log, metrics }) {
    const settings = slackSettingsOf(config);
    if (settings === undefined) return undefined;
    const publicUrl = config.PUBLIC_URL;
    if (publicUrl === null) throw new ConfigError(['PUBLIC_URL: is missing; messages in Slack have links to it.']);
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
  },
};
