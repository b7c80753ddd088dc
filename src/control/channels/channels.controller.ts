import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type ChannelList,
  channelList,
  type ChannelParams,
  channelParams,
  type ChannelView,
  channelView,
} from '../../contracts/channels/channel.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { ChannelsService } from './channels.service.js';

@ApiTags('operations')
@Controller('v1/channels')
@CountsAs('calls')
export class ChannelsController {
  constructor(private readonly channels: ChannelsService) {}

  @Get()
  @RequirePermission('channel.read')
  @Describe('The ways by which people and programs are reached, and how each fares', 200, channelList)
  list(): Promise<ChannelList> {
    return this.channels.list();
  }

  @Post(':name/test')
  @RequirePermissionNow('channel.test')
  @Describe('Have a worker send a test by a channel: by e-mail to yourself', 202, channelView)
  test(
    @CurrentCaller() caller: Caller,
    @Param({ schema: channelParams }) { name }: ChannelParams,
  ): Promise<ChannelView> {
    return this.channels.test(caller, name);
  }
}
