import { Controller, Delete, Get, Param, Put, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../contracts/page.js';
import {
  type EntriesPage,
  type EntriesQuery,
  type RecordingListQuery,
  type RecordingParams,
  type RecordingView,
  entriesPage,
  entriesQuery,
  recordingListQuery,
  recordingPage,
  recordingParams,
  recordingView,
  verificationView,
} from '../../contracts/recordings/recording.js';
import type { VerificationReport } from '../../recording/verify/verify.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { RecordingsService, type SealedFileView } from './recordings.service.js';

const TAR = 'application/x-tar';

@ApiTags('recordings')
@Controller('v1/recordings')
@CountsAs('calls')
export class RecordingsController {
  constructor(private readonly recordings: RecordingsService) {}

  @Get()
  @RequirePermission('recording.read')
  @Describe('List recordings, the newest first', 200, recordingPage)
  list(
    @Query({ schema: recordingListQuery }) query: RecordingListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<Page<RecordingView>> {
    return this.recordings.list(query, caller);
  }

  @Get(':grantId')
  @RequirePermission('recording.read')
  @Describe('Look at a recording', 200, recordingView)
  look(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordingView> {
    return this.recordings.look(grantId, caller);
  }

  @Get(':grantId/entries')
  @RequirePermission('recording.read')
  @CountsAs('entries')
  @Describe('Page through the entries, also while the grant lives', 200, entriesPage)
  entries(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @Query({ schema: entriesQuery }) query: EntriesQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<EntriesPage> {
    return this.recordings.entries(grantId, query, caller);
  }

  @Get(':grantId/file')
  @RequirePermission('recording.read')
  @ApiProduces(TAR)
  @Describe('Download the sealed file', 200)
  async file(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<StreamableFile> {
    return streamOf(await this.recordings.file(grantId, caller));
  }

  @Put(':grantId/review')
  @RequirePermission('recording.read')
  @Describe('Say that you have read a recording', 200, recordingView)
  review(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordingView> {
    return this.recordings.review(grantId, true, caller);
  }

  @Delete(':grantId/review')
  @RequirePermission('recording.read')
  @Describe('Take back that you have read a recording', 200, recordingView)
  unreview(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordingView> {
    return this.recordings.review(grantId, false, caller);
  }

  @Get(':grantId/verification')
  @RequirePermission('recording.read')
  @Describe('Check the sealed file on the server', 200, verificationView)
  verify(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<VerificationReport> {
    return this.recordings.verify(grantId, caller);
  }
}

function streamOf({ name, bytes, stream }: SealedFileView): StreamableFile {
  return new StreamableFile(stream, { type: TAR, length: bytes, disposition: `attachment; filename="${name}"` });
}
