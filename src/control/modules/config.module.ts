import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { API_CONFIG } from './tokens.js';

/** The api's settings, for every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ApiConfig): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: API_CONFIG, useValue: config }], exports: [API_CONFIG] };
  }
}
