import { Module } from '@nestjs/common';
import { TargetInspection } from './target-inspection.js';
import { TargetsController } from './targets.controller.js';
import { TargetTestsService } from './target-tests.service.js';
import { TargetsService } from './targets.service.js';

/** The databases that the broker can reach. */
@Module({
  controllers: [TargetsController],
  providers: [TargetsService, TargetTestsService, TargetInspection],
})
export class TargetsModule {}
