import { existsSync } from 'node:fs';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import type { GrantOrderReader } from '../../persistence/grant-order.js';
import type { GrantSweepRepository } from '../../persistence/grant-sweep.repository.js';
import type { GrantRepository } from '../../persistence/grant.repository.js';
import type { RecordingRepository } from '../../persistence/recording.repository.js';
import { removeLive, sealRecording } from '../../recording/seal.js';
import type { Signer } from '../../recording/signer.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import type { GrantSignals } from '../grants/grant-signals.js';
import type { GrantClaims } from '../reaper/grant-claims.js';
import { withSoundRecording } from '../reaper/damaged-recording.js';
import { endRecording, hasEnd, requireNeverActive } from '../reaper/recording-end.js';
import type { TargetEnder } from '../reaper/target-ender.js';
import { readSealedFacts } from './sealed-facts.js';

export interface SealerOptions {
  readonly grants: GrantRepository;
  readonly sweep: GrantSweepRepository;
  readonly recordings: RecordingRepository;
  readonly orders: GrantOrderReader;
  readonly claims: GrantClaims;
  readonly store: RecordingStore;
  readonly signer: Signer;
  readonly signals: GrantSignals;
  readonly ender: TargetEnder;
  readonly clock: Clock;
}

/** Seals the recordings of grants that ended: closing → sealed. Safe to run twice, and again after a crash at any step. */
export class Sealer {
  readonly #options: SealerOptions;

  constructor(options: SealerOptions) {
    this.#options = options;
  }

  /** Seals a grant's recording, unless it is sealed, not yet ended, or in another worker's hands. */
  async seal(id: GrantId): Promise<void> {
    const grant = await this.#options.grants.find(id);
    if (grant === undefined || !isReady(grant)) return;
    await this.#options.claims.with(id, () => this.sealClaimed(id));
  }

  /** As {@link seal}, for who has the claim already. The state changes last: until then all of it can be done again. */
  async sealClaimed(id: GrantId): Promise<void> {
    const { grants, store, signer, clock, sweep, signals } = this.#options;
    const grant = await grants.find(id);
    if (grant === undefined || !isReady(grant)) return;
    const directory = store.liveDirectory(id);
    const isSealed = (await store.sealedBytes(id)) !== undefined;
    if (!isSealed && !existsSync(directory)) requireNeverActive(grant);
    if (!isSealed || existsSync(directory)) {
      const out = store.sealingPath(id);
      await withSoundRecording(directory, async (isRepaired) => {
        // It has its end already, unless damage was set aside and the end with it.
        if (isRepaired || !existsSync(directory)) await this.#requireEnd(grant);
        await sealRecording({ directory, out, signer, clock });
      });
      await store.keepSealed(id);
    }
    await store.withSealedFile(id, async (path) => {
      await this.#enter(grant, path);
      await removeLive(directory, path);
    });
    if (await sweep.markSealed(id, clock.nowMs())) signals.changed(id, 'sealed');
  }

  /**
   * Writes the end of a recording that has none. A grant that was closed while its opening failed has no recording at all:
   * one that says so is better than none.
   */
  async #requireEnd(grant: GrantRow): Promise<void> {
    const { store, clock, orders, ender } = this.#options;
    assert(grant.closeReason !== null, 'a closing grant has a reason');
    const isBegun = existsSync(store.liveDirectory(grant.id));
    if (isBegun && (await hasEnd(store, grant.id))) return;
    const order = await orders.read(grant.id);
    await endRecording(store, clock, {
      grantId: grant.id,
      opened: ender.openedEntry(order, grant.gatewayId ?? ''),
      reason: grant.closeReason,
      by: grant.closedBy,
      interrupted: isBegun,
      account: {
        state: isBegun && order.target.credentials === 'dynamic' ? 'gone' : 'none',
        threadsKilled: 0,
        xaRolledBack: [],
      },
    });
  }

  async #enter(grant: GrantRow, path: string): Promise<void> {
    const { store, recordings } = this.#options;
    const { manifest, sha256 } = await readSealedFacts(path);
    const bytes = await store.sealedBytes(grant.id);
    assert(bytes !== undefined, 'a file that was read has a size');
    await recordings.insert({
      grantId: grant.id,
      principalName: grant.principalName,
      targetName: grant.targetName,
      entries: manifest.entries.count,
      statements: manifest.statements,
      bytes,
      sha256,
      keyId: manifest.keyId,
      interrupted: manifest.interrupted,
      openedAtMs: Date.parse(manifest.entries.firstAt),
      sealedAtMs: Date.parse(manifest.sealedAt),
    });
  }
}

function isReady({ state, endedAtMs }: GrantRow): boolean {
  return state === 'closing' && endedAtMs !== null;
}
