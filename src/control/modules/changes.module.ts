import { Global, Inject, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { RepeatableCalls } from '../http/idempotency.js';
import { connectForListening } from '../../messaging/redis.js';
import { API_CONFIG } from './tokens.js';

/** Hearing of changes of grants and approvals, and calls that may be sent again, for every module of the api. */
@Global()
@Module({
  providers: [
    {
      provide: ChangeWatch,
      inject: [API_CONFIG],
      useFactory: async ({ REDIS_URL, QUEUE_PREFIX }: ApiConfig) => {
        const watch = new ChangeWatch(connectForListening(REDIS_URL, new Logger(ChangeWatch.name)), QUEUE_PREFIX);
        await watch.start();
        return watch;
      },
    },
    RepeatableCalls,
  ],
  exports: [ChangeWatch, RepeatableCalls],
})
export class ChangesModule implements OnModuleDestroy {
  constructor(@Inject(ChangeWatch) private readonly watch: ChangeWatch) {}

  /** Before the server waits for its requests to end: those that wait for a change are answered now. */
  onModuleDestroy(): void {
    this.watch.close();
  }
}
