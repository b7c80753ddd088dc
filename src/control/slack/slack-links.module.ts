import { Global, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { slackSettingsOf } from '../../config/slack.js';
import { PrincipalRepository } from '../../persistence/identity/principal.repository.js';
import { SlackLinkRepository } from '../../persistence/slack/slack-link.repository.js';
import { fromParts } from '../modules/from-parts.js';
import { API_CONFIG, CLOCK } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { SlackLinks } from './slack-links.service.js';
import { SLACK_SETTINGS } from './slack-tokens.js';

/** Which account of Slack is whose: for the module that receives from Slack, and for the one that shows people themselves. */
@Global()
@Module({
  providers: [
    {
      provide: SLACK_SETTINGS,
      inject: [API_CONFIG],
      useFactory: (config: ApiConfig) => slackSettingsOf(config) ?? null,
    },
    fromParts(SlackLinks, {
      settings: SLACK_SETTINGS,
      links: SlackLinkRepository,
      principals: PrincipalRepository,
      record: AdminRecord,
      clock: CLOCK,
    }),
  ],
  exports: [SLACK_SETTINGS, SlackLinks],
})
export class SlackLinksModule {}
