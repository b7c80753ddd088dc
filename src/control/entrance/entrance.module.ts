import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { BuiltPageModule } from '../page/built-page.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { TargetsModule } from '../targets/targets.module.js';
import { EntranceController } from './entrance.controller.js';
import { EntranceReader } from './entrance.js';

/** What is at the address itself. */
@Module({
  imports: [IdentityModule, LimitsModule, TargetsModule, SignInModule, BuiltPageModule],
  controllers: [EntranceController],
  providers: [EntranceReader],
})
export class EntranceModule {}
