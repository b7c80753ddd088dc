import type { Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * Takes no more jobs of a queue, and waits for those under way. While Redis is away it waits for nothing: a connection
 * between two attempts never says that it has ended, and a process that was told to stop would wait for it instead of
 * ending what it holds. Every job is safe to run again.
 */
export async function stopTakingJobs(worker: Worker): Promise<void> {
  const { connection } = worker.opts;
  const isAway = connection instanceof Redis && connection.status !== 'ready';
  await worker.close(isAway);
}
