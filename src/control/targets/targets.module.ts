import { Module } from '@nestjs/common';
import { PoliciesModule } from '../policies/policies.module.js';
import { TargetAsking } from './target-asking.js';
import { TargetInspection } from './target-inspection.js';
import { TargetsController } from './targets.controller.js';
import { TargetTestsService } from './target-tests.service.js';
import { TargetsService } from './targets.service.js';

/** The databases that the broker can reach. */
@Module({
  imports: [PoliciesModule],
  controllers: [TargetsController],
  providers: [TargetsService, TargetTestsService, TargetInspection, TargetAsking],
  exports: [TargetsService],
})
export class TargetsModule {}
