import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { ChangeWatch } from '../../messaging/change-watch.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { RECORDING_STORE } from '../modules/tokens.js';

/** How often the size of a live recording is looked at: a gateway on another machine says nothing when it writes. */
const LOOK_EVERY_MS = 250;

interface GrowthOptions {
  readonly waitMs: number;
  readonly gone: AbortSignal;
}

/** Lets those who follow a recording wait until it has grown or its grant has another state. */
@Injectable()
export class GrowthWatch {
  readonly #seen = new WeakMap<AbortSignal, number>();

  constructor(
    private readonly watch: ChangeWatch,
    private readonly grants: GrantRepository,
    @Inject(RECORDING_STORE) private readonly store: RecordingStore,
  ) {}

  /** True when there may be something new; false when the time is up, or the one who waits has `gone`. */
  async next(grant: GrantRow, { waitMs, gone }: GrowthOptions): Promise<boolean> {
    const done = new AbortController();
    const over = AbortSignal.any([gone, done.signal]);
    const waits = { waitMs, gone: over };
    try {
      return await Promise.race([this.#changed(grant, waits), this.#grown(grant, gone, waits)]);
    } finally {
      done.abort();
    }
  }

  async #changed({ id, state }: GrantRow, { waitMs, gone }: GrowthOptions): Promise<boolean> {
    const isOther = (row: GrantRow | undefined): boolean => row?.state !== state;
    const look = () => this.grants.find(id);
    return isOther(await this.watch.until(id, { look, isOver: isOther, waitMs, gone }));
  }

  /** By what its follower saw last: it may have grown between two waits. */
  async #grown({ id }: GrantRow, follower: AbortSignal, { waitMs, gone }: GrowthOptions): Promise<boolean> {
    const untilMs = performance.now() + waitMs;
    while (performance.now() < untilMs && !gone.aborted) {
      const bytes = (await this.store.liveBytes(id)) ?? 0;
      const before = this.#seen.get(follower);
      this.#seen.set(follower, bytes);
      if (bytes !== before) return true;
      await pause(LOOK_EVERY_MS, undefined, { signal: gone }).catch(() => undefined);
    }
    return false;
  }
}
