import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type GatewayList,
  gatewayList,
  type GatewayParams,
  gatewayParams,
  type GatewayView,
  gatewayView,
} from '../../contracts/broker/gateway.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { GatewaysService } from './gateways.service.js';

@ApiTags('gateways')
@Controller('v1/gateways')
@CountsAs('calls')
export class GatewaysController {
  constructor(private readonly gateways: GatewaysService) {}

  @Get()
  @RequirePermission('gateway.read')
  @Describe('The gateways that are alive, and those whose grants nobody has ended yet', 200, gatewayList)
  list(): Promise<GatewayList> {
    return this.gateways.list();
  }

  @Post(':name/drain')
  @RequirePermission('gateway.drain')
  @Describe('Have a gateway take no new grants, keep the open ones for DRAIN_SECONDS, and end', 200, gatewayView)
  drain(
    @Param({ schema: gatewayParams }) { name }: GatewayParams,
    @CurrentCaller() caller: Caller,
  ): Promise<GatewayView> {
    return this.gateways.drain(caller, name);
  }
}
