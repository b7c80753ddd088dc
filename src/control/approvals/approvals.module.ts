import { Inject, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import { GrantsModule } from '../grants/grants.module.js';
import { IdentityModule } from '../identity/identity.module.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { ApprovalDetails } from './approval-details.js';
import { ApprovalExportService } from './approval-export.service.js';
import { ApprovalFeed } from './approval-feed.js';
import { ApprovalLists } from './approval-lists.js';
import { ApprovalStream } from './approval-stream.js';
import { ApprovalWithdrawals } from './approval-withdrawals.js';
import { ApprovalsController } from './approvals.controller.js';
import { ApprovalsService } from './approvals.service.js';
import { GroupSizes } from './group-sizes.js';
import { NewSignIn } from './new-sign-in.js';
import { PolicyTexts } from './policy-texts.js';
import { ViewerLooks } from './viewer-looks.js';

/** People's side: what waits for them, and their decisions. */
@Module({
  imports: [GrantsModule, IdentityModule],
  controllers: [ApprovalsController],
  providers: [
    ApprovalsService,
    ApprovalDetails,
    ApprovalExportService,
    ApprovalWithdrawals,
    GroupSizes,
    PolicyTexts,
    ApprovalStream,
    ApprovalLists,
    NewSignIn,
    ViewerLooks,
    {
      provide: ApprovalFeed,
      inject: [ApprovalRepository, ChangeWatch],
      useFactory: (approvals: ApprovalRepository, watch: ChangeWatch) =>
        new ApprovalFeed(approvals, watch, new Logger(ApprovalFeed.name)),
    },
  ],
  exports: [ApprovalsService],
})
export class ApprovalsModule implements OnModuleDestroy {
  constructor(@Inject(ApprovalFeed) private readonly feed: ApprovalFeed) {}

  /** Before the server waits for its requests to end: those that follow approvals are ended now. */
  onModuleDestroy(): void {
    this.feed.close();
  }
}
