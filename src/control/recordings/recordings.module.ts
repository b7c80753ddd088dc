import { Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { DirectoryRecordingStore } from '../../recording/stores/directory.js';
import { API_CONFIG, RECORDING_STORE } from '../modules/tokens.js';
import { RecordingEntries } from './recording-entries.js';
import { RecordingReader } from './recording-reader.js';
import { RecordingsController } from './recordings.controller.js';
import { RecordingsService } from './recordings.service.js';
import { SealedRecordings } from './sealed-recordings.js';

/** Reading and verifying recordings. */
@Module({
  controllers: [RecordingsController],
  providers: [
    RecordingsService,
    SealedRecordings,
    RecordingReader,
    RecordingEntries,
    {
      provide: RECORDING_STORE,
      inject: [API_CONFIG],
      useFactory: ({ RECORDINGS_DIR }: ApiConfig) => new DirectoryRecordingStore(RECORDINGS_DIR),
    },
  ],
})
export class RecordingsModule {}
