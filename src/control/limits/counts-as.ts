import { SetMetadata } from '@nestjs/common';
import type { RouteAllowance } from './allowances.js';

export const ROUTE_ALLOWANCE = 'doorwarden:allowance';

/**
 * What the calls of a route, or of all routes of a controller, are counted as. Every call with a key, session or token is
 * one of `calls` too. A test walks the routes: each says what it counts as.
 */
export function CountsAs(allowance: RouteAllowance) {
  return SetMetadata<string, RouteAllowance>(ROUTE_ALLOWANCE, allowance);
}
