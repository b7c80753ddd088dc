import { Global, Module } from '@nestjs/common';
import { AdminRecord } from './admin-record.js';

/** The administrative record, which every module of the api writes. */
@Global()
@Module({ providers: [AdminRecord], exports: [AdminRecord] })
export class RecordModule {}
