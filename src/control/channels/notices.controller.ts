import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type NoticesChange, noticesChange, type NoticesView, noticesView } from '../../contracts/channels/channel.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { ChannelsService } from './channels.service.js';

@ApiTags('me')
@Controller('v1/me/notices')
@CountsAs('calls')
export class NoticesController {
  constructor(private readonly channels: ChannelsService) {}

  @Get()
  @RequirePermission('approval.decide')
  @Describe('What you are sent of questions that wait for you', 200, noticesView)
  look(@CurrentCaller() caller: Caller): Promise<NoticesView> {
    return this.channels.noticesOf(caller);
  }

  @Put()
  @RequirePermissionNow('approval.decide')
  @Describe('Choose what you are sent, for all of your principals', 200, noticesView)
  choose(
    @CurrentCaller() caller: Caller,
    @Body({ schema: noticesChange }) change: NoticesChange,
  ): Promise<NoticesView> {
    return this.channels.chooseNotices(caller, change);
  }
}
