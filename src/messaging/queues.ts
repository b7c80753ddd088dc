import { setTimeout as pause } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { ulid } from 'ulid';
import type { z } from 'zod';
import { BrokerError } from '../kernel/errors.js';
import { type GatewayJob, QUEUES, type WorkerJob } from '../queue/jobs.js';
import { retryPolicyOf } from '../queue/retry.js';
import { atRedis } from './at-redis.js';
import { type ConnectionLog, connectForCommands, connectForListening, faultOf } from './redis.js';

interface JobOf {
  readonly gateway: GatewayJob;
  readonly worker: WorkerJob;
}
export type QueueName = keyof JobOf;

export interface JobOptions {
  /** A job whose id is known already is not added again. */
  readonly jobId?: string;
  readonly delayMs?: number;
}

export interface JobQuestion<Answer> {
  /** What an answer looks like; one that does not fit counts as a failure. */
  readonly answer: z.ZodType<Answer>;
  readonly waitMs: number;
  readonly jobId?: string;
}

/** `taken` says that somebody was working on it when the time was up; if nobody was, nobody will any more. */
export type JobOutcome<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timeout'; readonly taken: boolean };

export interface QueuesOptions {
  readonly url: string;
  readonly prefix: string;
  readonly log: ConnectionLog;
}

type Ending = { readonly returned: unknown } | { readonly failed: string };

const ANSWER_WAITS_MAX = 10_000;
const CLOSE_MS_MAX = 1_000;

/**
 * The producers' side of the queues: adds jobs, and asks questions that a job answers. While Redis is away every call
 * fails with `queue_unavailable` within seconds; it recovers by itself.
 */
export class Queues {
  readonly #redis: Redis;
  readonly #listening: Redis;
  readonly #queues: Readonly<Record<QueueName, Queue>>;
  readonly #events: QueueEvents;
  readonly #waiting = new Map<string, PromiseWithResolvers<Ending>>();

  /** Connects; use only once Redis answers. */
  static async connect({ url, prefix, log }: QueuesOptions): Promise<Queues> {
    const redis = connectForCommands(url, log);
    const listening = connectForListening(url, log);
    try {
      await Promise.all([redis.connect(), listening.connect()]);
      const lastEventId = await lastIdOf(redis, `${prefix}:${QUEUES.gateway}:events`);
      return new Queues(redis, listening, prefix, lastEventId);
    } catch (cause) {
      redis.disconnect();
      listening.disconnect();
      throw unavailable(faultOf(redis) ?? faultOf(listening) ?? cause);
    }
  }

  private constructor(redis: Redis, listening: Redis, prefix: string, lastEventId: string) {
    this.#redis = redis;
    this.#listening = listening;
    this.#queues = {
      gateway: new Queue(QUEUES.gateway, { connection: redis, prefix }),
      worker: new Queue(QUEUES.worker, { connection: redis, prefix }),
    };
    this.#events = new QueueEvents(QUEUES.gateway, { connection: listening, prefix, lastEventId });
    this.#events.on('completed', ({ jobId, returnvalue }) => this.#end(jobId, { returned: returnvalue }));
    this.#events.on('failed', ({ jobId, failedReason }) => this.#end(jobId, { failed: failedReason }));
    // The connections tell the log themselves; without a listener an 'error' event would end the process.
    for (const queue of Object.values(this.#queues)) queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    redis.on('close', () => this.#giveUpAll());
  }

  /** The connection for commands, for what is no queue: announcements, health. */
  get redis(): Redis {
    return this.#redis;
  }

  /** Adds a job. @throws BrokerError `queue_unavailable` */
  async add<Name extends QueueName>(name: Name, job: JobOf[Name], options: JobOptions = {}): Promise<void> {
    await atRedis(() =>
      this.#queues[name].add(job.name, job, {
        ...(options.jobId === undefined ? {} : { jobId: options.jobId }),
        ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
        ...retryPolicyOf(job.name),
        // Nobody reads a job that ended: its event carried the answer, and the state database has what came of it.
        removeOnComplete: true,
        removeOnFail: true,
      }),
    );
  }

  /** Adds a gateway's job and waits for its answer. @throws BrokerError `queue_unavailable` */
  async ask<Answer>(job: GatewayJob, question: JobQuestion<Answer>): Promise<JobOutcome<Answer>> {
    const jobId = question.jobId ?? `${job.name}-${ulid().toLowerCase()}`;
    if (this.#waiting.size >= ANSWER_WAITS_MAX) throw unavailable(undefined, 'Too many requests wait for an answer.');
    const ending = Promise.withResolvers<Ending>();
    // Listen before the job is there, so that no answer can be too quick.
    this.#waiting.set(jobId, ending);
    ending.promise.catch(() => undefined); // anyone who waits sees it; when adding fails nobody waits
    const timer = setTimeout(() => ending.reject(TIME_IS_UP), question.waitMs);
    try {
      await this.add('gateway', job, { jobId });
      return outcomeOf(await ending.promise, question.answer);
    } catch (error) {
      if (error !== TIME_IS_UP) throw error;
      return await this.#lateOutcome(jobId);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(jobId);
    }
  }

  /** Resolves when Redis answers. @throws BrokerError `queue_unavailable` */
  async ping(): Promise<void> {
    await atRedis(() => this.#redis.ping());
  }

  /** Resolves within a second, also while Redis is away. */
  async close(): Promise<void> {
    this.#giveUpAll();
    const closed = Promise.allSettled([
      this.#events.close(),
      ...Object.values(this.#queues).map((queue) => queue.close()),
    ]);
    // While Redis is away a connection between two attempts never says that it has ended.
    await Promise.race([closed, pause(CLOSE_MS_MAX, undefined, { ref: false })]);
    this.#listening.disconnect();
    this.#redis.disconnect();
  }

  /** When the time is up a job that nobody took is taken back; one that ended meanwhile is gone. */
  async #lateOutcome<Answer>(jobId: string): Promise<JobOutcome<Answer>> {
    return atRedis(async () => {
      const job = await this.#queues.gateway.getJob(jobId);
      const isRemoved = job !== undefined && (await this.#queues.gateway.remove(jobId)) === 1;
      return { kind: 'timeout', taken: job !== undefined && !isRemoved };
    });
  }

  #end(jobId: string, ending: Ending): void {
    this.#waiting.get(jobId)?.resolve(ending);
  }

  #giveUpAll(): void {
    for (const { reject } of this.#waiting.values()) reject(unavailable());
  }
}

const TIME_IS_UP = new Error('The time to wait for an answer is up.');

function outcomeOf<Answer>(ending: Ending, answer: z.ZodType<Answer>): JobOutcome<Answer> {
  if ('failed' in ending) return { kind: 'failed', reason: ending.failed };
  const parsed = answer.safeParse(ending.returned);
  return parsed.success
    ? { kind: 'answered', answer: parsed.data }
    : { kind: 'failed', reason: 'The answer does not fit its schema.' };
}

/** Where a stream ends now: reading goes on from there, so that nothing falls between connecting and reading. */
async function lastIdOf(redis: Redis, stream: string): Promise<string> {
  const [last] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

function unavailable(cause?: unknown, detail?: string): BrokerError {
  return new BrokerError('queue_unavailable', { cause, ...(detail === undefined ? {} : { detail }) });
}
