import { ConfigError } from '../../config/load.js';
import { slackSettingsOf } from '../../config/slack.js';
import type { Channel } from '../channel.js';
import { CHANNEL_NAME } from './channel-name.js';

/** Slack: approvals in its channels, as they are now. What people answer there is taken by the api. */
export const slackChannel: Channel = {
  name: CHANNEL_NAME,
  async open(parts) {
    const settings = slackSettingsOf(parts.config);
    if (settings === undefined) return undefined;
    const publicUrl = parts.config.PUBLIC_URL;
    if (publicUrl === null) throw new ConfigError(['PUBLIC_URL: is missing; messages in Slack have links to it.']);
    const { openSlack } = await import('./open-slack.js');
    return openSlack(settings, publicUrl, parts);
  },
};
