import type { Channel } from '../channels/channel.js';
import { emailChannel } from '../channels/email/email-channel.js';
import { logChannel } from '../channels/log/log-channel.js';
import { slackChannel } from '../channels/slack/slack-channel.js';
import { webhooksChannel } from '../channels/webhooks/webhooks-channel.js';

/** The ways by which this build reaches people and their programs: the one place that names them all. */
export const CHANNELS: readonly Channel[] = [logChannel, slackChannel, emailChannel, webhooksChannel];
