import { Body, Controller, Get, Param, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  approvalCounts,
  type ApprovalCounts,
  type ApprovalListQuery,
  approvalListQuery,
  type ApprovalExportQuery,
  approvalExportQuery,
  approvalPage,
  type ApprovalParams,
  approvalParams,
  type ApprovalQuery,
  approvalQuery,
  type ApprovalSummaryView,
  type ApprovalView,
  approvalView,
} from '../../contracts/approvals/approval.js';
import {
  type DecisionRequest,
  decisionRequest,
  type WithdrawalRequest,
  withdrawalRequest,
} from '../../contracts/approvals/decision.js';
import type { Page } from '../../contracts/page.js';
import { type Caller, CurrentCaller, RequirePermission, RequirePermissionNow } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { Gone } from '../http/gone.js';
import { CallKey, type IdempotencyKey, RepeatableCalls, TakesCallKey } from '../http/idempotency.js';
import { CountsAs } from '../limits/counts-as.js';
import { ApprovalExportService } from './approval-export.service.js';
import { ApprovalLists } from './approval-lists.js';
import { ApprovalStream } from './approval-stream.js';
import { ApprovalWithdrawals } from './approval-withdrawals.js';
import { ApprovalsService } from './approvals.service.js';

@ApiTags('approvals')
@Controller('v1/approvals')
@CountsAs('calls')
export class ApprovalsController {
  constructor(
    private readonly approvals: ApprovalsService,
    private readonly withdrawals: ApprovalWithdrawals,
    private readonly lists: ApprovalLists,
    private readonly exports: ApprovalExportService,
    private readonly stream: ApprovalStream,
    private readonly calls: RepeatableCalls,
  ) {}

  @Get()
  @RequirePermission('approval.read')
  @Describe('List approvals, the newest first; agents see those of their own grants', 200, approvalPage)
  list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: approvalListQuery }) query: ApprovalListQuery,
  ): Promise<Page<ApprovalSummaryView>> {
    return this.lists.list(caller, query);
  }

  /** Before `:id`, which would take it for an id; the next one too. */
  @Get('counts')
  @RequirePermission('approval.read')
  @Describe('Count the approvals that wait, and those that wait for the caller', 200, approvalCounts)
  counts(@CurrentCaller() caller: Caller): Promise<ApprovalCounts> {
    return this.lists.counts(caller);
  }

  @Get('export')
  @CountsAs('searches')
  @RequirePermission('approval.read')
  @ApiProduces('text/csv', 'application/json')
  @Describe('Download approvals as a table or as JSON, the newest first; agents have those of their own grants', 200)
  async export(
    @CurrentCaller() caller: Caller,
    @Query({ schema: approvalExportQuery }) query: ApprovalExportQuery,
  ): Promise<StreamableFile> {
    const { type, name, text } = await this.exports.export(caller, query);
    return new StreamableFile(text, { type, disposition: `attachment; filename="${name}"` });
  }

  @Get('events')
  @RequirePermission('approval.read')
  @ApiProduces('text/event-stream')
  @Describe('Follow approvals as server-sent events: first all that wait, then every change', 200)
  events(
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res() response: Response,
    @Gone() gone: AbortSignal,
  ): Promise<void> {
    return this.stream.serve(caller, request, response, gone);
  }

  @Get(':id')
  @RequirePermission('approval.read')
  @Describe('Look at an approval, or wait until it changes', 200, approvalView)
  look(
    @CurrentCaller() caller: Caller,
    @Param({ schema: approvalParams }) { id }: ApprovalParams,
    @Query({ schema: approvalQuery }) query: ApprovalQuery,
    @Gone() gone: AbortSignal,
  ): Promise<ApprovalView> {
    return this.approvals.look(caller, id, query, gone);
  }

  @Post(':id/decisions')
  @RequirePermissionNow('approval.decide')
  @CountsAs('decisions')
  @TakesCallKey()
  @Describe('Approve or deny', 200, approvalView)
  decide(
    @CurrentCaller() caller: Caller,
    @Param({ schema: approvalParams }) { id }: ApprovalParams,
    @Body({ schema: decisionRequest }) body: DecisionRequest,
    @CallKey() key: IdempotencyKey | undefined,
    @Gone() gone: AbortSignal,
  ): Promise<ApprovalView> {
    return this.calls.run(key, {
      caller,
      operation: 'approval.decide',
      request: { id, body },
      first: () => this.approvals.decide(caller, id, body),
      idOf: () => id,
      again: () => this.approvals.look(caller, id, { wait: 0 }, gone),
    });
  }

  @Post(':id/withdraw')
  @RequirePermissionNow('approval.decide')
  @CountsAs('decisions')
  @TakesCallKey()
  @Describe('Take back an approval that the caller has given, until it is used', 200, approvalView)
  withdraw(
    @CurrentCaller() caller: Caller,
    @Param({ schema: approvalParams }) { id }: ApprovalParams,
    @Body({ schema: withdrawalRequest }) body: WithdrawalRequest,
    @CallKey() key: IdempotencyKey | undefined,
    @Gone() gone: AbortSignal,
  ): Promise<ApprovalView> {
    return this.calls.run(key, {
      caller,
      operation: 'approval.withdraw',
      request: { id, body },
      first: () => this.withdrawals.withdraw(caller, id, body),
      idOf: () => id,
      again: () => this.approvals.look(caller, id, { wait: 0 }, gone),
    });
  }
}
