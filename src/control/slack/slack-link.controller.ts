import { Controller, Delete, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type SlackLinkCode, slackLinkCode } from '../../contracts/channels/slack-link.js';
import { type Caller, CurrentCaller, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { SlackLinks } from './slack-links.service.js';

/** How people say which account of Slack is theirs; `GET /v1/me` shows it. */
@ApiTags('me')
@Controller('v1/me/slack-link')
@CountsAs('calls')
export class SlackLinkController {
  constructor(private readonly links: SlackLinks) {}

  @Post()
  @RequirePermissionNow('approval.decide')
  @Describe('Make a code that links the account of Slack from which you send it', 201, slackLinkCode)
  make(@CurrentCaller() caller: Caller): Promise<SlackLinkCode> {
    return this.links.makeCode(caller);
  }

  @Delete()
  @RequirePermissionNow('session.own')
  @Describe('Take the link of your account of Slack away, and any code that waits', 204)
  remove(@CurrentCaller() caller: Caller): Promise<void> {
    return this.links.remove(caller);
  }
}
