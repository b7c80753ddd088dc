import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { type Permission, permissionsOf, rolesWith } from '../../domain/principal.js';
import { BrokerError } from '../../kernel/errors.js';
import { type Caller, ROUTE_ACCESS, type RouteAccess, setCaller } from '../http/access.js';
import { FailureLimit } from '../limits/failure-limit.js';
import { PublicAddress } from '../sign-in/browser/public-address.js';
import { refuseOtherSites } from '../sign-in/browser/same-site.js';
import { Authenticator, comesWithSession } from './authenticator.js';

/** A page says so of a call that nobody asked for: a session does not last longer for it. */
const BACKGROUND_HEADER = 'X-Doorwarden-Background';

/** Stands before every route. A route that does not say who may call it is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly address: PublicAddress,
    private readonly failures: FailureLimit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<RouteAccess | undefined>(ROUTE_ACCESS, context.getHandler());
    if (access === undefined) {
      throw new BrokerError('forbidden', {
        detail: 'This route does not declare who may call it, so the broker refuses every call.',
      });
    }
    if ('public' in access) return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (comesWithSession(request)) refuseOtherSites(request, this.address.origin);
    const options = {
      asOfNow: access.asOfNow ?? false,
      isBackground: request.header(BACKGROUND_HEADER) === '1',
    };
    const caller = await this.failures.whileTrying(request, context.switchToHttp().getResponse<Response>(), () =>
      this.authenticator.authenticate(request, options),
    );
    if (access.agentsOnly === true && !caller.roles.includes('agent')) throw notAnAgent(caller);
    if (!caller.permissions.has(access.permission)) throw refusalOf(caller, access.permission);
    setCaller(request, caller);
    return true;
  }
}

function notAnAgent({ name, roles }: Caller): BrokerError {
  return new BrokerError('mcp_agents_only', { detail: `${name} has the roles ${roles.join(', ')}.` });
}

function refusalOf({ name, roles }: Caller, permission: Permission): BrokerError {
  const why = permissionsOf(roles).has(permission)
    ? `${name} has it by its roles, but the key that was used is narrowed to others.`
    : `Roles that have it: ${rolesWith(permission).join(', ')}. ${name} has: ${roles.join(', ')}.`;
  return new BrokerError('forbidden', { detail: `The call needs the permission ${permission}. ${why}` });
}
