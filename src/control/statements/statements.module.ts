import { Module } from '@nestjs/common';
import { StatementsController } from './statements.controller.js';
import { StatementsService } from './statements.service.js';

/** Search over all recorded statements. */
@Module({ controllers: [StatementsController], providers: [StatementsService] })
export class StatementsModule {}
