import { Inject, Injectable } from '@nestjs/common';
import { grantIdOf } from '../../domain/ids.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { type OpenRecording, sealedRecording } from '../../recording/look/open-recording.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { RECORDING_STORE } from '../modules/tokens.js';
import { SealedRecordings } from './sealed-recordings.js';

/** Runs `read`, and says what it means for a reader when it fails. @throws BrokerError */
export async function readably<T>(isSealed: boolean, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    if (error.code === 'recording_unavailable') {
      throw new BrokerError('recording_unreadable', {
        ...(error.detail === undefined ? {} : { detail: error.detail }),
        cause: error,
      });
    }
    if (error.code === 'recording_not_found' && isSealed && error.detail === undefined) {
      throw new BrokerError('recording_not_found', { detail: GONE, cause: error });
    }
    throw error;
  }
}

const GONE = 'It was sealed, and its file is no longer where the broker keeps recordings.';

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
    const isSealed = await this.isSealed(grant);
    return readably(isSealed, async () =>
      isSealed
        ? this.sealed.read(grant.id, async (file) => use(await sealedRecording(file), true))
        : use(await this.store.openLive(grant.id), false),
    );
  }
}
