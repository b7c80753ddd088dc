import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  type RecordedResultView,
  recordedResult,
  type RecordedStatementView,
  recordedStatement,
  type ResultQuery,
  resultQuery,
  type StatementParams,
  statementParams,
} from '../../contracts/recordings/recorded-statement.js';
import { type RecordingMarks, recordingMarks } from '../../contracts/recordings/recording-marks.js';
import {
  type EventsQuery,
  eventsQuery,
  type RecordingParams,
  recordingParams,
} from '../../contracts/recordings/recording.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { Gone } from '../http/gone.js';
import { CountsAs } from '../limits/counts-as.js';
import { RecordingReadingService } from './recording-reading.service.js';

@ApiTags('recordings')
@Controller('v1/recordings/:grantId')
@CountsAs('entries')
export class RecordingReadingController {
  constructor(private readonly reading: RecordingReadingService) {}

  @Get('marks')
  @RequirePermission('recording.read')
  @Describe('Look at the index of a recording: what to jump to, and when there was how much', 200, recordingMarks)
  marks(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordingMarks> {
    return this.reading.marks(grantId, caller);
  }

  @Get('events')
  @RequirePermission('recording.read')
  @ApiProduces('text/event-stream')
  @Describe('Follow a recording as server-sent events: every entry as it is written, up to the seal', 200)
  events(
    @Param({ schema: recordingParams }) { grantId }: RecordingParams,
    @Query({ schema: eventsQuery }) { after }: EventsQuery,
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res() response: Response,
    @Gone() gone: AbortSignal,
  ): Promise<void> {
    return this.reading.follow(caller, { id: grantId, after, request, response, gone });
  }

  @Get('statements/:number')
  @RequirePermission('recording.read')
  @Describe('Look at a statement of a recording, with all that is recorded of it', 200, recordedStatement)
  statement(
    @Param({ schema: statementParams }) { grantId, number }: StatementParams,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordedStatementView> {
    return this.reading.statement(grantId, number, caller);
  }

  @Get('statements/:number/result')
  @RequirePermission('recording.read')
  @Describe('Page through what a statement was answered with, decoded', 200, recordedResult)
  result(
    @Param({ schema: statementParams }) { grantId, number }: StatementParams,
    @Query({ schema: resultQuery }) query: ResultQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordedResultView> {
    return this.reading.result(grantId, number, query, caller);
  }
}
