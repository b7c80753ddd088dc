import { Global, Module } from '@nestjs/common';
import { AdminRecord } from './admin-record.js';
import { RecordController } from './record.controller.js';
import { RecordService } from './record.service.js';

/** The administrative record, which every module of the api writes. */
@Global()
@Module({ controllers: [RecordController], providers: [AdminRecord, RecordService], exports: [AdminRecord] })
export class RecordModule {}
