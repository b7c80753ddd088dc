import { Inject, Injectable } from '@nestjs/common';
import type { RecordingMarks } from '../../contracts/recordings/recording-marks.js';
import { BrokerError } from '../../kernel/errors.js';
import { RecentValues } from '../../kernel/recent-values.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { RecordingRow } from '../../persistence/entities/recordings/recording.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { recordedBy, type TargetProtocol } from '../../protocol/target-protocol.js';
import { buildMarks, GrowingMarks } from '../../recording/look/build-marks.js';
import type { Marks } from '../../recording/look/marks.js';
import { sealedRecording } from '../../recording/look/open-recording.js';
import { marksOfText } from '../../recording/look/stored-marks.js';
import type { RecordedProtocols } from '../../recording/recorded-protocol.js';
import { readManifest } from '../../recording/seal/sealed-manifest.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { PROTOCOLS, RECORDING_STORE } from '../modules/tokens.js';
import { OneAtATime } from './one-at-a-time.js';
import { readably, RecordingReader } from './recording-reader.js';
import { SealedRecordings } from './sealed-recordings.js';

/** Each may have 20,000 marks, some 3 MB. */
const SEALED_MAX = 16;
const LIVE_MAX = 16;

interface SealedMarks {
  readonly marks: Marks;
  readonly damage: RecordingMarks['lacks']['damage'];
}

/**
 * The indexes of recordings. That of a sealed one is read from beside its file, where the worker has put it, or else made
 * from the file, one at a time, and remembered by the file's digest. That of a live one grows from call to call.
 */
@Injectable()
export class MarksOfRecordings {
  readonly #protocols: RecordedProtocols;
  readonly #sealed = new RecentValues<string, Promise<SealedMarks>>(SEALED_MAX);
  readonly #live = new RecentValues<string, GrowingMarks>(LIVE_MAX);
  readonly #builds = new OneAtATime();

  constructor(
    private readonly recordings: RecordingRepository,
    private readonly reader: RecordingReader,
    private readonly sealed: SealedRecordings,
    @Inject(RECORDING_STORE) private readonly store: RecordingStore,
    @Inject(PROTOCOLS) protocols: readonly TargetProtocol[],
  ) {
    this.#protocols = recordedBy(protocols);
  }

  /** @throws BrokerError when the recording is not there, damaged, or another's */
  async of(grant: GrantRow): Promise<RecordingMarks> {
    if (!(await this.reader.isSealed(grant))) return readably(false, () => this.#ofLive(grant));
    const row = await this.recordings.find(grant.id);
    if (row === undefined) throw new BrokerError('recording_not_found');
    const { marks, damage } = await readably(true, () => this.#ofSealed(row));
    return { ...viewOf(marks, damage), state: 'sealed' };
  }

  /** The entry that opened a session, where the index has it. */
  async sessionAt(grant: GrantRow, session: number): Promise<number | undefined> {
    const { marks } = await this.of(grant);
    return marks.find((mark) => mark.kind === 'session' && mark.session === session)?.seq;
  }

  async #ofLive({ id }: GrantRow): Promise<RecordingMarks> {
    const { lines } = await this.store.openLive(id);
    const growing = this.#live.take(id, () => new GrowingMarks(this.#protocols));
    await growing.readOn(lines);
    return { ...viewOf(growing.marks(), null), state: 'recording' };
  }

  /** The file is looked at for each call, so that what was made of it is not shown when it has changed or gone. */
  #ofSealed(row: RecordingRow): Promise<SealedMarks> {
    return this.sealed.read(row.grantId, async (file) => {
      const made = this.#sealed.take(row.sha256, async () => {
        const read = await readManifest(file);
        const damage = 'manifest' in read ? read.manifest.damage : null;
        const stored = marksOfText((await this.store.marks(row.grantId)) ?? '', row);
        const marks = stored ?? (await this.#builds.run(async () => this.#made(file)));
        return { marks, damage: damage === null ? null : { where: damage.where, what: damage.what } };
      });
      try {
        return await made;
      } catch (error) {
        this.#sealed.forget(row.sha256);
        throw error;
      }
    });
  }

  async #made(file: Parameters<typeof sealedRecording>[0]): Promise<Marks> {
    const { lines } = await sealedRecording(file);
    return buildMarks(lines, this.#protocols);
  }
}

function viewOf(marks: Marks, damage: RecordingMarks['lacks']['damage']): Omit<RecordingMarks, 'state'> {
  return {
    ...marks,
    marks: [...marks.marks],
    thinned: [...marks.thinned],
    density: [...marks.density],
    lacks: { ...marks.lacks, damage },
  };
}
