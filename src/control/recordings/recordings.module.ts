import { Module } from '@nestjs/common';
import type { ApiConfig } from '../../config/api.js';
import { DirectoryRecordingStore } from '../../recording/stores/directory.js';
import { API_CONFIG, RECORDING_STORE } from '../modules/tokens.js';
import { RecordingEntries } from './recording-entries.js';
import { RecordingReader } from './recording-reader.js';
import { IdentityModule } from '../identity/identity.module.js';
import { GrowthWatch } from './growth-watch.js';
import { RecordedStatements } from './recorded-statements.js';
import { MarksOfRecordings } from './recording-marks.js';
import { RecordingReadingController } from './recording-reading.controller.js';
import { RecordingReadingService } from './recording-reading.service.js';
import { RecordingStream } from './recording-stream.js';
import { RecordingViews } from './recording-views.js';
import { RecordingsController } from './recordings.controller.js';
import { RecordingsService } from './recordings.service.js';
import { SealedRecordings } from './sealed-recordings.js';

/** Reading and verifying recordings. */
@Module({
  imports: [IdentityModule],
  controllers: [RecordingsController, RecordingReadingController],
  providers: [
    RecordingsService,
    SealedRecordings,
    RecordingReader,
    RecordingEntries,
    RecordingViews,
    RecordingReadingService,
    MarksOfRecordings,
    RecordedStatements,
    RecordingStream,
    GrowthWatch,
    {
      provide: RECORDING_STORE,
      inject: [API_CONFIG],
      useFactory: ({ RECORDINGS_DIR }: ApiConfig) => new DirectoryRecordingStore(RECORDINGS_DIR),
    },
  ],
})
export class RecordingsModule {}
