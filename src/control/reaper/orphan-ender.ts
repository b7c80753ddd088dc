import { existsSync } from 'node:fs';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantOrderReader } from '../../persistence/grants/grant-order.js';
import type { GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';
import type { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { Entry } from '../../recording/entries/entries.js';
import { eachEntry } from '../../recording/verify/reader.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import type { GrantSignals } from '../../messaging/grant-signals.js';
import type { Sealer } from '../sealing/sealer.js';
import type { GrantClaims } from './grant-claims.js';
import { endRecording, requireNeverActive } from './recording-end.js';
import type { TargetEnder } from './target-ender.js';

export interface OrphanEnderOptions {
  readonly grants: GrantRepository;
  readonly sweep: GrantSweepRepository;
  readonly orders: GrantOrderReader;
  readonly claims: GrantClaims;
  readonly store: RecordingStore;
  readonly recorded: RecordedProtocols;
  readonly ender: TargetEnder;
  readonly sealer: Sealer;
  readonly signals: GrantSignals;
  readonly clock: Clock;
}

/** Ends a grant whose gateway is gone, in the gateway's place: at the target first, then in the recording. */
export class OrphanEnder {
  readonly #options: OrphanEnderOptions;

  constructor(options: OrphanEnderOptions) {
    this.#options = options;
  }

  /** Safe to repeat after a failure at any step. @throws BrokerError while the target cannot be reached */
  async end(id: GrantId): Promise<void> {
    const { claims, sealer } = this.#options;
    await claims.with(id, async () => {
      await this.#endClaimed(id);
      await sealer.sealClaimed(id);
    });
  }

  async #endClaimed(id: GrantId): Promise<void> {
    const { grants, sweep, orders, store, ender, signals, clock } = this.#options;
    if (await sweep.fail(id, clock.nowMs())) signals.changed(id, 'closing');
    const grant = await grants.find(id);
    if (grant?.state !== 'closing' || grant.endedAtMs !== null) return;
    assert(grant.closeReason !== null && grant.gatewayId !== null, 'an orphan has a reason and had a gateway');
    const order = await orders.read(id);
    // The target comes first: whatever has become of the recording must not keep the task account alive.
    const end = await ender.end(order, readableEntries(store, id));
    if (!existsSync(store.liveDirectory(id))) requireNeverActive(grant);
    await endRecording(this.#options, {
      grantId: id,
      opened: ender.openedEntry(order, grant.gatewayId),
      reason: grant.closeReason,
      by: grant.closedBy,
      interrupted: true,
      end,
    });
    await sweep.markEnded(id, clock.nowMs());
  }
}

/**
 * The entries up to the first that cannot be read, none when there is no recording or another's. Writing the recording's
 * end comes next, and refuses it or sets the damage aside.
 */
async function* readableEntries(store: RecordingStore, id: GrantId): AsyncGenerator<Entry> {
  try {
    yield* eachEntry(await store.liveEntries(id));
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
  }
}
