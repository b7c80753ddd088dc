import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';

/** Health and metrics, the same for every process that runs on Nest. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [OperationsController],
  providers: [Metrics],
  exports: [Metrics],
})
export class OperationsModule {}
