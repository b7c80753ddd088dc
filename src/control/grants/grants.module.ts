import { Inject, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { Queues } from '../shared/queues.js';
import { connectForListening } from '../shared/redis.js';
import { API_CONFIG } from '../shared/tokens.js';
import { GrantOpener } from './grant-opener.js';
import { GrantSignals } from './grant-signals.js';
import { GrantWatch } from './grant-watch.js';
import { GrantsController } from './grants.controller.js';
import { GrantsService } from './grants.service.js';

/** Asking for grants, waiting for them, and ending them. */
@Module({
  controllers: [GrantsController],
  providers: [
    GrantsService,
    GrantOpener,
    {
      provide: GrantSignals,
      inject: [Queues, API_CONFIG],
      useFactory: (queues: Queues, { QUEUE_PREFIX }: ApiConfig) =>
        new GrantSignals(queues.redis, QUEUE_PREFIX, new Logger(GrantSignals.name)),
    },
    {
      provide: GrantWatch,
      inject: [API_CONFIG],
      useFactory: async ({ REDIS_URL, QUEUE_PREFIX }: ApiConfig) => {
        const watch = new GrantWatch(connectForListening(REDIS_URL, new Logger(GrantWatch.name)), QUEUE_PREFIX);
        await watch.start();
        return watch;
      },
    },
  ],
})
export class GrantsModule implements OnModuleDestroy {
  constructor(@Inject(GrantWatch) private readonly watch: GrantWatch) {}

  /** Before the server waits for its requests to end: those that wait for a change are answered now. */
  onModuleDestroy(): void {
    this.watch.close();
  }
}
