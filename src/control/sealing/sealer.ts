import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { SealedRow } from '../../persistence/recordings/recording.repository.js';
import type { GrantOrderReader } from '../../persistence/grants/grant-order.js';
import type { GrantSweepRepository } from '../../persistence/grants/grant-sweep.repository.js';
import type { GrantRepository } from '../../persistence/grants/grant.repository.js';
import type { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import type { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { fileDigest } from '../../recording/chain/file-digest.js';
import { operationsOf, type Manifest } from '../../recording/seal/manifest.js';
import { removeLive, sealRecording, type Sealed } from '../../recording/seal/seal.js';
import { readManifest } from '../../recording/seal/sealed-manifest.js';
import type { Signer } from '../../recording/seal/signer.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { verifyOpened } from '../../recording/verify/verify.js';
import type { GrantSignals } from '../../messaging/grant-signals.js';
import type { GrantClaims } from '../reaper/grant-claims.js';
import { publishedSealKeys } from '../keys/seal-keys.js';
import { withSoundRecording } from '../reaper/damaged-recording.js';
import { endRecording, hasEnd, requireNeverActive } from '../reaper/recording-end.js';
import type { TargetEnder } from '../reaper/target-ender.js';
import type { SealMarks } from './seal-marks.js';

/** What is counted of sealing. */
export interface SealMetrics {
  sealed(seconds: number, bytes: number): void;
  sealingFailed(seconds: number): void;
}

export interface SealerOptions {
  readonly grants: GrantRepository;
  readonly sweep: GrantSweepRepository;
  readonly recordings: RecordingRepository;
  readonly keys: PublishedKeyRepository;
  readonly orders: GrantOrderReader;
  readonly claims: GrantClaims;
  readonly store: RecordingStore;
  readonly recorded: RecordedProtocols;
  readonly signer: Signer;
  readonly signals: GrantSignals;
  readonly ender: TargetEnder;
  readonly clock: Clock;
  readonly metrics: SealMetrics;
  readonly marks: SealMarks;
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

  /** As {@link seal}, for the one who has the claim already. The state changes last: until then all of it can be done again. */
  async sealClaimed(id: GrantId): Promise<void> {
    const { grants, clock, metrics, marks } = this.#options;
    const grant = await grants.find(id);
    if (grant === undefined || !isReady(grant)) return;
    const sinceUs = clock.monotonicUs();
    const seconds = (): number => (clock.monotonicUs() - sinceUs) / 1_000_000;
    try {
      const { bytes } = await this.#sealReady(grant);
      metrics.sealed(seconds(), bytes);
    } catch (error) {
      metrics.sealingFailed(seconds());
      throw error;
    }
    await marks.make(id);
  }

  async #sealReady(grant: GrantRow): Promise<Sealed> {
    const { store, clock, sweep, signals } = this.#options;
    const { id } = grant;
    const directory = store.liveDirectory(id);
    const isLive = existsSync(directory);
    if (!isLive && !(await store.hasSealed(id))) requireNeverActive(grant);
    const isMade = isLive || !(await store.hasSealed(id));
    const made = isMade ? await this.#makeFile(grant, directory) : undefined;
    const sealed = await this.#register(grant, made);
    await removeLive(directory, sealed);
    if (await sweep.markSealed(id, clock.nowMs())) signals.changed(id, 'sealed');
    return sealed;
  }

  async #makeFile(grant: GrantRow, directory: string): Promise<Sealed> {
    const { store, signer, clock, keys, recorded } = this.#options;
    const { id } = grant;
    const trustedKeys = await publishedSealKeys(keys);
    const made = await withSoundRecording(directory, recorded, async (isRepaired) => {
      // It has its end already, unless damage was set aside and the end with it.
      if (isRepaired || !existsSync(directory)) await this.#requireEnd(grant);
      const out = store.sealingPath(id);
      return sealRecording({ grant: id, directory, out, signer, trustedKeys, protocols: recorded, clock });
    });
    await store.keepSealed(id);
    return made;
  }

  /**
   * Writes the end of a recording that has none. A grant that was closed while its opening failed has no recording at all:
   * one that says so is better than none.
   */
  async #requireEnd(grant: GrantRow): Promise<void> {
    const { store, orders, ender } = this.#options;
    assert(grant.closeReason !== null, 'a closing grant has a reason');
    const isBegun = existsSync(store.liveDirectory(grant.id));
    if (isBegun && (await hasEnd(store, grant.id))) return;
    const order = await orders.read(grant.id);
    await endRecording(this.#options, {
      grantId: grant.id,
      opened: ender.openedEntry(order, grant.gatewayId ?? ''),
      reason: grant.closeReason,
      by: grant.closedBy,
      interrupted: isBegun,
      end: { account: { state: isBegun && order.target.credentials === 'dynamic' ? 'gone' : 'none' } },
    });
  }

  /**
   * Registers the sealed file in the state database, once it is sure that it is this grant's and that the broker has sealed
   * it: from here on the file is known by its digest. `made`: what this run made and verified; the same bytes are not
   * verified twice.
   * @throws BrokerError `recording_mismatch`
   */
  async #register(grant: GrantRow, made: Sealed | undefined): Promise<Sealed> {
    const { store, recordings } = this.#options;
    const file = await store.openSealed(grant.id);
    try {
      const sha256 = await fileDigest(file);
      const isMade = made?.sha256 === sha256 && (await this.#isPublished(made.keyId));
      const report = isMade ? made : await this.#verify(grant, file);
      const read = await readManifest(file);
      assert('manifest' in read, 'a sealed file that verified has a manifest');
      await recordings.insert(rowOf(grant, { manifest: read.manifest, bytes: report.bytes, sha256 }));
      const registered = await recordings.find(grant.id);
      // A run before this one, that died before it changed the grant's state, may have registered another file.
      if (registered?.sha256 !== sha256)
        throw mismatch('It is not the file that was registered in the state database.');
      return { ...report, sha256 };
    } finally {
      await file.close();
    }
  }

  async #verify({ id }: GrantRow, file: FileHandle): Promise<Omit<Sealed, 'sha256'>> {
    const { keys, recorded } = this.#options;
    const report = await verifyOpened(file, {
      trustedKeys: await publishedSealKeys(keys),
      grant: id,
      protocols: recorded,
    });
    if (report.ok) return report;
    throw mismatch(`It does not hold at ${report.problem.where}. ${report.problem.what}`);
  }

  async #isPublished(keyId: string): Promise<boolean> {
    return (await this.#options.keys.list('seal')).some(({ kid }) => kid === keyId);
  }
}

function rowOf(
  grant: GrantRow,
  { manifest, bytes, sha256 }: { readonly manifest: Manifest; readonly bytes: number; readonly sha256: string },
): SealedRow {
  return {
    grantId: grant.id,
    principalName: grant.principalName,
    targetName: grant.targetName,
    entries: manifest.entries.count,
    statements: operationsOf(manifest),
    bytes,
    sha256,
    keyId: manifest.keyId,
    interrupted: manifest.interrupted,
    openedAtMs: Date.parse(manifest.entries.firstAt),
    sealedAtMs: Date.parse(manifest.sealedAt),
    indexDueAtMs: 0,
  };
}

function mismatch(detail: string): BrokerError {
  return new BrokerError('recording_mismatch', { detail });
}

function isReady({ state, endedAtMs }: GrantRow): boolean {
  return state === 'closing' && endedAtMs !== null;
}
