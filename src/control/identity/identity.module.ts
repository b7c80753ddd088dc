import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AddressGuard, CallerGuard } from '../limits/allowance-guards.js';
import { LimitsModule } from '../limits/limits.module.js';
import { IssuerPool } from '../../idp/issuer/issuer-pool.js';
import { fromParts } from '../modules/from-parts.js';
import { CLOCK } from '../modules/tokens.js';
import { MappedPrincipals } from '../providers/mapped-principals.js';
import { MappedRoles } from '../providers/mapped-roles.js';
import { ProviderCache } from '../providers/provider-cache.js';
import { AdminRecord } from '../record/admin-record.js';
import { TokenCallers } from '../providers/token-callers.js';
import { AccessGuard } from './access.guard.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import { Authenticator } from './authenticator.js';
import { CallerCache } from './caller-cache.js';
import { KeyCallers } from './key-callers.js';
import { KeyUsage } from './key-usage.js';
import { SessionCallers } from './session-callers.js';
import { SessionRoles } from './session-roles.js';
import { StandingAccess } from './standing-access.js';
import { PrincipalsController } from './principals.controller.js';
import { KEY_ANNOUNCER, KeyMaker } from './key-maker.js';
import { LogAnnouncer } from './log-announcer.js';
import { PrincipalsService } from './principals.service.js';

/** Who calls and what they may do. Its guards stand before the routes of every module. */
@Module({
  imports: [LimitsModule],
  controllers: [PrincipalsController],
  providers: [
    PrincipalsService,
    KeyMaker,
    { provide: KEY_ANNOUNCER, useClass: LogAnnouncer },
    Authenticator,
    KeyCallers,
    SessionCallers,
    {
      provide: SessionRoles,
      inject: [MappedPrincipals],
      useFactory: (mapped: MappedPrincipals) => new MappedRoles(mapped),
    },
    fromParts(TokenCallers, {
      cache: ProviderCache,
      issuers: IssuerPool,
      mapped: MappedPrincipals,
      callers: CallerCache,
      record: AdminRecord,
      clock: CLOCK,
    }),
    StandingAccess,
    CallerCache,
    KeyUsage,
    // In this order: what needs no caller, who calls and whether they may, and what that caller has left.
    { provide: APP_GUARD, useClass: AddressGuard },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: CallerGuard },
  ],
  exports: [Authenticator, StandingAccess, PrincipalsService],
})
export class IdentityModule {
  constructor(watch: ChangeWatch, callers: CallerCache) {
    watch.listenForAccess(() => callers.forgetAll());
  }
}
