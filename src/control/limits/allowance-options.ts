import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ThrottlerOptions } from '@nestjs/throttler';
import type { Request } from 'express';
import { callerOf, type Caller } from '../http/access.js';
import {
  ALLOWANCE_NAMES,
  ALLOWANCES,
  type AllowanceName,
  type LimitSetting,
  type RouteAllowance,
  sizeOf,
} from './allowances.js';
import { countedAddress } from './counted-address.js';
import { ROUTE_ALLOWANCE } from './counts-as.js';

/** As long as names of identity providers may be; anything else meets no provider, and no bucket either. */
const PROVIDER = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Counted where something fails, see {@link FailureLimit}, or where the workspace is known. */
const ELSEWHERE: readonly AllowanceName[] = ['sign-in-failures', 'credential-failures', 'slack'];

const reflector = new Reflector();

/** What a route counts as; undefined when neither it nor its controller says so. */
export function routeAllowance(context: ExecutionContext): RouteAllowance | undefined {
  return reflector.getAllAndOverride(ROUTE_ALLOWANCE, [context.getHandler(), context.getClass()]);
}

/** What @nestjs/throttler counts, as the operator has set it. A limit that was set to 0 is not there. */
export function throttlersOf(settings: Readonly<Record<LimitSetting, number>>): ThrottlerOptions[] {
  return ALLOWANCE_NAMES.filter((name) => !ELSEWHERE.includes(name)).flatMap((name) => {
    const size = sizeOf(name, settings);
    if (size === undefined) return [];
    return {
      name,
      limit: size.units,
      ttl: size.periodMs,
      blockDuration: 0,
      skipIf: (context) => !isCounted(name, context),
      getTracker: (_request, context) => ownerOf(name, requestOf(context)),
    };
  });
}

/** Whether the limit can be kept before anybody knows who calls. */
export function needsNoCaller(name: string): boolean {
  const row = ALLOWANCE_NAMES.find((known) => known === name);
  return row !== undefined && ['address', 'provider'].includes(ALLOWANCES[row].of);
}

export function requestOf(context: ExecutionContext): Request {
  return context.switchToHttp().getRequest<Request>();
}

function isCounted(name: AllowanceName, context: ExecutionContext): boolean {
  const request = requestOf(context);
  if (name === 'calls') return callerOf(request) !== undefined;
  const allowance = routeAllowance(context);
  if (name === 'provider-starts') return allowance === 'sign-in-starts' && providerOf(request) !== undefined;
  return allowance === name && (ALLOWANCES[name].of !== 'principal' || callerOf(request) !== undefined);
}

function ownerOf(name: AllowanceName, request: Request): string {
  const { of } = ALLOWANCES[name];
  if (of === 'address') return countedAddress(request);
  if (of === 'provider') return providerOf(request) ?? '';
  const caller = callerOf(request);
  if (caller === undefined) return '';
  return of === 'principal' ? caller.id : credentialOf(caller);
}

/** Tokens are new all the time: those of one principal count together. */
function credentialOf({ id, signIn }: Caller): string {
  if (signIn.by === 'api-key') return `key:${signIn.key}`;
  const isSession = signIn.by === 'session' || signIn.by === 'device';
  return isSession ? `session:${signIn.session}` : `${signIn.by}:${id}`;
}

function providerOf({ params }: Request): string | undefined {
  const provider: unknown = params['provider'];
  return typeof provider === 'string' && PROVIDER.test(provider) ? provider : undefined;
}
