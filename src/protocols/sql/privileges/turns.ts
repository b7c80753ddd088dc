import { assert } from '../../../kernel/assert.js';

/** The statement or session that has a turn, or waits for one. */
export interface TurnUser {
  readonly session: number;
  readonly statement: number;
  /** Of the target. */
  readonly thread: number;
  readonly inTransaction: boolean;
  /** In words, without anything of its text but names: `update shop.orders`. */
  readonly what: string;
}

/** Ends a turn; safe to call again. */
export type EndTurn = () => void;

type TurnKind = 'shared' | 'alone';

interface Waiting {
  readonly kind: TurnKind;
  readonly user: TurnUser | undefined;
  readonly begin: () => void;
}

/**
 * Turns in the order in which they were asked for: any number of shared ones at a time, or a single one alone. Nobody is
 * overtaken, so neither kind can starve the other.
 */
export class Turns {
  readonly #waitingMax: number;
  readonly #waiting: Waiting[] = [];
  readonly #holders = new Set<{ readonly user: TurnUser }>();
  #shared = 0;
  #alone = false;
  #closed: Error | undefined;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Someone has a turn alone, or waits for one: a shared turn would have to wait. So it is for good once closed. */
  get isTaken(): boolean {
    return this.#alone || this.#waiting.length > 0 || this.#closed !== undefined;
  }

  /** Who has a turn now, where it is a statement. */
  get holders(): readonly TurnUser[] {
    return [...this.#holders].map(({ user }) => user);
  }

  /** Who waits for one. */
  get waiting(): readonly TurnUser[] {
    return this.#waiting.flatMap(({ user }) => user ?? []);
  }

  /** As many wait as may. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#waitingMax;
  }

  /** Waits for a turn. @throws the signal's reason, or what the turns were closed with; then there is none to end */
  take(kind: TurnKind, signal?: AbortSignal, user?: TurnUser): Promise<EndTurn> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal?.aborted === true) return Promise.reject(asError(signal.reason));
    if (!this.isTaken && (kind === 'shared' || this.#shared === 0)) return Promise.resolve(this.#begin(kind, user));
    assert(!this.isFull, 'who takes a turn has looked whether there is room to wait');
    const { promise, resolve, reject } = Promise.withResolvers<EndTurn>();
    const onAbort = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      reject(asError(signal?.reason));
      this.#next();
    };
    const waiting: Waiting = {
      kind,
      user,
      begin: () => {
        signal?.removeEventListener('abort', onAbort);
        if (this.#closed === undefined) resolve(this.#begin(kind, user));
        else reject(this.#closed);
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(waiting);
    return promise;
  }

  /** Nobody gets a turn any more; those who have one go on. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const { begin } of this.#waiting.splice(0)) begin();
  }

  #begin(kind: TurnKind, user: TurnUser | undefined): EndTurn {
    const holder = user === undefined ? undefined : { user };
    if (holder !== undefined) this.#holders.add(holder);
    if (kind === 'shared') this.#shared += 1;
    else this.#alone = true;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (holder !== undefined) this.#holders.delete(holder);
      if (kind === 'shared') this.#shared -= 1;
      else this.#alone = false;
      this.#next();
    };
  }

  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#alone || (first.kind === 'alone' && this.#shared > 0)) return;
      this.#waiting.shift();
      first.begin();
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('It is not waited for any more.', { cause: reason });
}
