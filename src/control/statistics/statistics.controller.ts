import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  statisticsQuery,
  statisticsView,
  type StatisticsQuery,
  type StatisticsView,
} from '../../contracts/broker/statistics.js';
import { RequirePermission } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { CountsAs } from '../limits/counts-as.js';
import { StatisticsService } from './statistics.service.js';

@ApiTags('statistics')
@CountsAs('searches')
@Controller('v1/statistics')
export class StatisticsController {
  constructor(private readonly statistics: StatisticsService) {}

  @Get()
  @RequirePermission('statistics.read')
  @Describe('Count statements, decisions, changed rows and tasks by hour or day', 200, statisticsView)
  look(@Query({ schema: statisticsQuery }) query: StatisticsQuery): Promise<StatisticsView> {
    return this.statistics.look(query);
  }
}
