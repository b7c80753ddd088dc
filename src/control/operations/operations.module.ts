import { Module } from '@nestjs/common';
import { BacklogMetrics } from './backlog-metrics.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';

/** Health and metrics of the api. A process that only works serves its own with `health/serve-health.ts`. */
@Module({
  controllers: [OperationsController],
  providers: [Metrics, BacklogMetrics],
  exports: [Metrics],
})
export class OperationsModule {}
