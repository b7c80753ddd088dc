import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type SettingsView, settingsView } from '../../contracts/broker/setting.js';
import { RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { SettingsService } from './settings.service.js';

@ApiTags('operations')
@Controller('v1/settings')
@CountsAs('calls')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @RequirePermission('setting.read')
  @Describe(
    'The settings of this api with where each comes from, its limits and its version; no secret',
    200,
    settingsView,
  )
  look(): SettingsView {
    return this.settings.look();
  }
}
