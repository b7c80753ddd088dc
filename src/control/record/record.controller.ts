import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  type RecordEntryPage,
  recordEntryPage,
  type RecordExportQuery,
  recordExportQuery,
  type RecordListQuery,
  recordListQuery,
  type RecordVerificationView,
  recordVerificationView,
} from '../../contracts/broker/admin-record.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { RecordService } from './record.service.js';

const JSON_LINES = 'application/jsonl';

@ApiTags('administrative record')
@CountsAs('calls')
@Controller('v1/record')
export class RecordController {
  constructor(private readonly record: RecordService) {}

  @Get()
  @CountsAs('entries')
  @RequirePermission('record.read')
  @Describe('Read the administrative record, the newest entries first', 200, recordEntryPage)
  list(
    @Query({ schema: recordListQuery }) query: RecordListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<RecordEntryPage> {
    return this.record.list(query, caller);
  }

  @Get('verification')
  @CountsAs('searches')
  @RequirePermission('record.read')
  @Describe('Check the whole administrative record on the server', 200, recordVerificationView)
  verify(@CurrentCaller() caller: Caller): Promise<RecordVerificationView> {
    return this.record.verify(caller);
  }

  @Get('export')
  @CountsAs('searches')
  @RequirePermission('record.read')
  @ApiProduces(JSON_LINES)
  @Describe('Download the administrative record, or the entries of a time, in the form that verifies offline', 200)
  async export(
    @Query({ schema: recordExportQuery }) query: RecordExportQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<StreamableFile> {
    const lines = await this.record.export(query, caller);
    return new StreamableFile(lines, {
      type: JSON_LINES,
      disposition: 'attachment; filename="administrative-record.jsonl"',
    });
  }
}
