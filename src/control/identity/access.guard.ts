import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import { ROUTE_ACCESS, type RouteAccess, setCaller } from '../http/access.js';
import { Authenticator } from './authenticator.js';

/** Stands before every route. A route that does not say who may call it is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
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
    const { authorization } = request.headers;
    const caller = access.asOfNow
      ? await this.authenticator.authenticateNow(authorization)
      : await this.authenticator.authenticate(authorization);
    if (!caller.permissions.has(access.permission)) {
      throw new BrokerError('forbidden', {
        detail: `The call needs the permission ${access.permission}. ${caller.name} has the roles ${caller.roles.join(', ')}.`,
      });
    }
    setCaller(request, caller);
    return true;
  }
}
