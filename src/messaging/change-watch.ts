import type { Redis } from 'ioredis';
import { accessChannel, approvalChannel, grantChannel } from '../queue/jobs.js';
import { parseAccessChange, parseApprovalChange, parseGrantChange } from '../queue/announcements.js';

/** How often to ask the database: while changes are announced, only because a message may be lost. */
const ASK_MS_ANNOUNCED = 5_000;
const ASK_MS_ALONE = 500;
/** Callers beyond it are answered at once, as if the time were up. */
const WAITS_MAX = 10_000;

/** Told of a principal, or of null when anybody may be meant. */
export type AccessListener = (principal: string | null) => void;

export interface WatchOptions<T> {
  /** Reads what is waited for; the database has the last word, a message only says when to ask. */
  readonly look: () => Promise<T>;
  readonly isOver: (value: T) => boolean;
  readonly waitMs: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

/**
 * Lets callers wait until a grant or an approval changes, woken by Redis, and without Redis by asking more often. It has
 * the process's one connection that hears of changes.
 */
export class ChangeWatch {
  readonly #waits = new Map<string, Set<Wake>>();
  readonly #listeners = new Set<() => void>();
  readonly #accessListeners = new Set<AccessListener>();
  readonly #redis: Redis;
  readonly #channels: readonly string[];
  #count = 0;
  #closed = false;

  /** The connection is used for nothing else: a subscribed one takes no other commands. */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    const access = accessChannel(prefix);
    this.#channels = [grantChannel(prefix), approvalChannel(prefix), access];
    redis.on('message', (channel: string, message: string) => {
      if (channel === access) {
        // What cannot be read may be about anybody.
        this.tellOfAccess(parseAccessChange(message)?.principal ?? null);
        return;
      }
      const change = parseGrantChange(message) ?? parseApprovalChange(message);
      if (change === undefined) return;
      this.#wake(change.id);
      for (const listener of this.#listeners) listener();
    });
    // Messages of the time without Redis are lost: anyone who waits looks for itself, now and when it is back.
    for (const event of ['close', 'ready']) {
      redis.on(event, () => {
        this.#wakeAll();
        this.tellOfAccess(null);
      });
    }
  }

  /** From then on Redis wakes those who wait; the connection subscribes again by itself when it was lost. */
  async start(): Promise<void> {
    await this.#redis.connect();
    await this.#redis.subscribe(...this.#channels);
  }

  /** Whether changes are announced now; else who waits must ask more often. */
  get isAnnounced(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Calls back at any change. @returns what ends that */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Calls back when what a principal may do has changed or its sessions have ended; null: it may be about anybody.
   * @returns what ends that
   */
  listenForAccess(listener: AccessListener): () => void {
    this.#accessListeners.add(listener);
    return () => void this.#accessListeners.delete(listener);
  }

  /** Calls back those of this process who listen for access, as if a message had come. */
  tellOfAccess(principal: string | null): void {
    for (const listener of this.#accessListeners) listener(principal);
  }

  /** The value once it is over, or as it is when the time is up or the caller gone. */
  async until<T>(id: string, { look, isOver, waitMs, gone }: WatchOptions<T>): Promise<T> {
    const untilMs = Date.now() + waitMs;
    // Before the first look, or a change right after it would be missed.
    const wake = this.#register(id);
    try {
      for (;;) {
        const value = await look();
        const leftMs = untilMs - Date.now();
        if (isOver(value) || wake === undefined || leftMs <= 0 || gone.aborted || this.#closed) return value;
        const askMs = this.isAnnounced ? ASK_MS_ANNOUNCED : ASK_MS_ALONE;
        await wake.next(Math.min(leftMs, askMs), gone);
      }
    } finally {
      if (wake !== undefined) this.#forget(id, wake);
    }
  }

  /** Answers everyone with what there is, and gives the connection back. */
  close(): void {
    this.#closed = true;
    this.#wakeAll();
    this.#redis.disconnect();
  }

  #register(id: string): Wake | undefined {
    if (this.#count >= WAITS_MAX) return undefined;
    const wake = new Wake();
    this.#waits.set(id, (this.#waits.get(id) ?? new Set()).add(wake));
    this.#count += 1;
    return wake;
  }

  #forget(id: string, wake: Wake): void {
    const wakes = this.#waits.get(id);
    wakes?.delete(wake);
    if (wakes?.size === 0) this.#waits.delete(id);
    this.#count -= 1;
  }

  #wake(id: string): void {
    for (const wake of this.#waits.get(id) ?? []) wake.ring();
  }

  #wakeAll(): void {
    for (const id of this.#waits.keys()) this.#wake(id);
  }
}

/** A bell that remembers one ring until somebody asks for it. */
class Wake {
  #rung = false;
  #resume: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#resume?.();
  }

  async next(waitMs: number, gone: AbortSignal): Promise<void> {
    if (!this.#rung && !gone.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const resume = (): void => resolve();
      const timer = setTimeout(resume, waitMs);
      this.#resume = resume;
      gone.addEventListener('abort', resume, { once: true });
      await promise;
      clearTimeout(timer);
      gone.removeEventListener('abort', resume);
    }
    this.#rung = false;
  }
}
