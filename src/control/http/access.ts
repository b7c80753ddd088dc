import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Request } from 'express';
import type { SignIn, Sponsor } from '../../domain/identity/sign-in.js';
import type { Permission, PrincipalKind, Role } from '../../domain/principal.js';
import { assert } from '../../kernel/assert.js';
import type { PrincipalId } from '../../kernel/brand.js';

/** The principal behind a request. */
export interface Caller {
  readonly id: PrincipalId;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
  /** The person behind it: equal for two principals of one person. */
  readonly person: PrincipalId;
  readonly signIn: SignIn;
  /** Who answers for it, where it is an agent and somebody is named. */
  readonly sponsor: Sponsor | null;
}

/** The id of the API key that the caller came with; null: it came without one. */
export function apiKeyOf({ signIn }: Caller): string | null {
  return signIn.by === 'api-key' ? signIn.key : null;
}

/** Anyone who is an agent and nothing else meets what is its own only; it cannot tell whether things of others exist. */
export function seesOwnOnly({ roles }: Caller): boolean {
  return roles.every((role) => role === 'agent');
}

/** What a route says about who may call it. A route that says nothing is closed to everybody. */
export type RouteAccess =
  | { readonly public: true }
  | {
      readonly permission: Permission;
      /** What is known of the caller from a moment ago is not enough. */
      readonly asOfNow?: true;
      /** A caller with any other role is refused, whatever it may do elsewhere. */
      readonly agentsOnly?: true;
    };

export const ROUTE_ACCESS = 'doorwarden:access';

/** The route is for callers with this permission. */
export function RequirePermission(permission: Permission) {
  return SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { permission });
}

/** As {@link RequirePermission}, and a key that was revoked, or groups that were changed, anywhere count at once. */
export function RequirePermissionNow(permission: Permission) {
  return SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { permission, asOfNow: true });
}

/** The route is for agents that may ask for grants, and for nobody else. */
export function RequireAgent() {
  return SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { permission: 'grant.request', agentsOnly: true });
}

/** The route is for everybody, without a key. */
export function Public() {
  return SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { public: true });
}

const callers = new WeakMap<Request, Caller>();

/** Only the guard says who calls. */
export function setCaller(request: Request, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: Request): Caller | undefined {
  return callers.get(request);
}

/** The caller, in a route that requires a permission. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>());
  assert(caller !== undefined, 'a route that asks for its caller requires a permission');
  return caller;
});
