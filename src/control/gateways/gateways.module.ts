import { Module } from '@nestjs/common';
import { GrantsModule } from '../grants/grants.module.js';
import { GatewaysController } from './gateways.controller.js';
import { GatewaysService } from './gateways.service.js';

/** The gateways, as operators see and drain them. */
@Module({ imports: [GrantsModule], controllers: [GatewaysController], providers: [GatewaysService] })
export class GatewaysModule {}
