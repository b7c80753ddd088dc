import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type StatementSearchPage,
  statementSearchPage,
  type StatementSearchQuery,
  statementSearchQuery,
} from '../../contracts/recordings/statement.js';
import { type Caller, CurrentCaller, RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { StatementsService } from './statements.service.js';

@ApiTags('recordings')
@Controller('v1/statements')
@CountsAs('searches')
export class StatementsController {
  constructor(private readonly statements: StatementsService) {}

  @Get()
  @RequirePermission('recording.read')
  @Describe('Search all recorded statements, the newest first', 200, statementSearchPage)
  search(
    @Query({ schema: statementSearchQuery }) query: StatementSearchQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<StatementSearchPage> {
    return this.statements.search(query, caller);
  }
}
