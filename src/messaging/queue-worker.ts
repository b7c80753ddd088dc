import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

const CLOSE_MS_MAX = 1_000;

/**
 * BullMQ's worker, which can be closed while Redis is away too: there a connection between two attempts never says that it
 * has ended, and a process that was told to stop would wait for it instead of ending what it holds. Its jobs are safe to
 * run again.
 */
export class QueueWorker<Data = unknown, Answer = unknown> extends Worker<Data, Answer> {
  override async close(force?: boolean): Promise<void> {
    const { connection } = this.opts;
    const isAway = connection instanceof Redis && connection.status !== 'ready';
    const closed = super.close(force);
    await (isAway ? Promise.race([closed, pause(CLOSE_MS_MAX, undefined, { ref: false })]) : closed);
  }
}
