import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import {
  type DeviceDecision,
  deviceDecision,
  type DeviceParams,
  deviceParams,
  type DeviceView,
  deviceView,
} from '../../contracts/sign-in/device.js';
import { type Caller, CurrentCaller, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { DeviceAuthorizations } from './device-authorizations.js';
import { originOf } from './device.controller.js';

/** Command lines that wait to be let in, as the person sees them who has their code. */
@ApiTags('me')
@Controller('v1/me/devices')
@CountsAs('device-codes')
export class OwnDevicesController {
  constructor(private readonly devices: DeviceAuthorizations) {}

  @Get(':code')
  @RequirePermissionNow('session.own')
  @Describe('Look at the command line that waits with this code', 200, deviceView)
  look(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Param({ schema: deviceParams }) { code }: DeviceParams,
  ): Promise<DeviceView> {
    return this.devices.look(code, caller, originOf(request));
  }

  @Post(':code')
  @HttpCode(204)
  @RequirePermissionNow('session.own')
  @Describe('Let the command line that waits with this code act as you, or refuse it', 204)
  decide(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Param({ schema: deviceParams }) { code }: DeviceParams,
    @Body({ schema: deviceDecision }) { decision }: DeviceDecision,
  ): Promise<void> {
    return this.devices.decide(code, decision, caller, originOf(request));
  }
}
