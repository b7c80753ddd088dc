import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Clock } from '../../kernel/clock.js';
import { ApiKeyRepository } from '../../persistence/identity/api-key.repository.js';
import { CLOCK } from '../modules/tokens.js';

const WRITE_EVERY_MS = 10_000;
const PRECISION_MS = 60_000;
const KEYS_MAX = 1_000;

/** Keeps when keys were last used, to the minute, and away from the calls that use them. */
@Injectable()
export class KeyUsage implements OnApplicationShutdown {
  readonly #used = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly keys: ApiKeyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#timer = setInterval(() => this.#write(), WRITE_EVERY_MS).unref();
  }

  note(id: string, lastUsedAtMs: number | null): void {
    const isRecent = lastUsedAtMs !== null && this.clock.nowMs() - lastUsedAtMs < PRECISION_MS;
    if (!isRecent && this.#used.size < KEYS_MAX) this.#used.add(id);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    this.#write();
    await this.#writing;
  }

  #write(): void {
    if (this.#used.size === 0) return;
    const ids = [...this.#used];
    this.#used.clear();
    // Nobody waits for it, and a time that is lost while the database is away comes with the next use.
    this.#writing = this.keys.markUsed(ids, this.clock.nowMs()).catch(() => undefined);
  }
}
