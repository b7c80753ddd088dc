import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Queues } from '../../messaging/queues.js';

/** The producers' side of the queues, for every module. It comes connected and is closed with the app. */
@Global()
@Module({})
export class QueuesModule implements OnApplicationShutdown {
  constructor(private readonly queues: Queues) {}

  static forRoot(queues: Queues): DynamicModule {
    return {
      module: QueuesModule,
      providers: [{ provide: Queues, useValue: queues }],
      exports: [Queues],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.queues.close();
  }
}
