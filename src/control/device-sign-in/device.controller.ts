import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request } from 'express';
import {
  deviceNames,
  type DeviceNames,
  type DeviceOpening,
  type DeviceToken,
  type DeviceTokenRequest,
  deviceTokenRequest,
} from '../../contracts/sign-in/device.js';
import { Public } from '../http/access.js';
import { CountsAs } from '../limits/counts-as.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { DeviceAuthorizations, type DeviceOrigin } from './device-authorizations.js';

/** What the command line calls to be let in by somebody with a browser (docs/sign-in.md). */
@ApiExcludeController()
@Controller('auth/device')
export class DeviceController {
  constructor(
    private readonly devices: DeviceAuthorizations,
    private readonly address: PublicAddress,
  ) {}

  @Post()
  @HttpCode(200)
  @Public()
  @CountsAs('device-starts')
  start(@Req() request: Request, @Body({ schema: deviceNames }) names: DeviceNames): Promise<DeviceOpening> {
    this.address.mustBeSafe(request);
    return this.devices.start(names, originOf(request));
  }

  @Post('token')
  @HttpCode(200)
  @Public()
  @CountsAs('device-polls')
  take(
    @Req() request: Request,
    @Body({ schema: deviceTokenRequest }) { deviceCode }: DeviceTokenRequest,
  ): Promise<DeviceToken> {
    this.address.mustBeSafe(request);
    return this.devices.take(deviceCode, originOf(request));
  }
}

export function originOf(request: Request): DeviceOrigin {
  return { address: request.ip ?? '', userAgent: request.header('User-Agent') ?? '' };
}
