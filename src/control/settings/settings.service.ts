import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import type { SettingsView } from '../../contracts/broker/setting.js';
import { ALLOWANCE_NAMES, ALLOWANCES, sizeOf } from '../limits/allowances.js';
import type { ApiFacts } from '../modules/config.module.js';
import { API_CONFIG, API_FACTS } from '../modules/tokens.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';

/** What the environment has decided of the api that answers. */
@Injectable()
export class SettingsService {
  constructor(
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_FACTS) private readonly facts: ApiFacts,
    private readonly address: PublicAddress,
  ) {}

  look(): SettingsView {
    const { version, settings } = this.facts;
    const publicUrl = this.address.fault === undefined ? this.address.origin : null;
    return { version, node: process.versions.node, publicUrl, settings, limits: limitsIn(this.config) };
  }
}

function limitsIn(config: ApiConfig): SettingsView['limits'] {
  return ALLOWANCE_NAMES.map((name) => {
    const { what, periodMs, setting, isShared } = ALLOWANCES[name];
    return { name, what, units: sizeOf(name, config)?.units ?? null, seconds: periodMs / 1000, setting, isShared };
  });
}
