import { Module } from '@nestjs/common';
import { ChannelsController } from './channels.controller.js';
import { ChannelsService } from './channels.service.js';
import { NoticesController } from './notices.controller.js';

/** The ways by which people are reached, as the api shows them. The worker has them at work: `OpenChannels`. */
@Module({ controllers: [ChannelsController, NoticesController], providers: [ChannelsService] })
export class ChannelsModule {}
