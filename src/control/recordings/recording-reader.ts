import { Inject, Injectable } from '@nestjs/common';
import { grantIdOf } from '../../domain/ids.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { type OpenRecording, sealedRecording } from '../../recording/look/open-recording.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { RECORDING_STORE } from '../modules/tokens.js';
import { SealedRecordings } from './sealed-recordings.js';

/** Finds recordings and opens them, live or sealed. */
@Injectable()
export class RecordingReader {
  constructor(
    private readonly grants: GrantRepository,
    private readonly recordings: RecordingRepository,
    private readonly sealed: SealedRecordings,
    @Inject(RECORDING_STORE) private readonly store: RecordingStore,
  ) {}

  /** The grant of a recording. @throws BrokerError `recording_not_found` */
  async find(id: string): Promise<GrantRow> {
    const grant = await this.grants.find(grantIdOf(id));
    if (grant === undefined || (grant.activeAtMs === null && grant.state !== 'sealed')) {
      throw new BrokerError('recording_not_found');
    }
    return grant;
  }

  /** Between the sealing and the change of the grant's state its recording is no directory any more. */
  async isSealed({ id, state }: GrantRow): Promise<boolean> {
    if (state === 'sealed') return true;
    return state === 'closing' && (await this.recordings.find(id)) !== undefined;
  }

  /** Runs `use` with the recording, open. @throws BrokerError when it is not there, damaged, or another's */
  async read<T>(grant: GrantRow, use: (recording: OpenRecording, isSealed: boolean) => Promise<T>): Promise<T> {
    if (await this.isSealed(grant)) {
      return this.sealed.read(grant.id, async (file) => use(await sealedRecording(file), true));
    }
    return use(await this.store.openLive(grant.id), false);
  }
}
