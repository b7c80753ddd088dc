import { AsyncLocalStorage } from 'node:async_hooks';
import type { NextFunction, Request, Response } from 'express';
import { requestIdOf } from './request-id.js';

/** Where a call came from, for those who work on it. */
export interface CallOrigin {
  /** The caller's address, as the process believes it. */
  readonly address: string | null;
  /** The id of the request, as the log has it. */
  readonly request: string;
}

const origins = new AsyncLocalStorage<CallOrigin>();

/** An express handler, after the one that names the request: all that comes after it knows where the call came from. */
export function keepOrigin(request: Request, _response: Response, next: NextFunction): void {
  origins.run({ address: request.ip ?? null, request: requestIdOf(request) }, next);
}

/** Undefined outside of a call. */
export function callOrigin(): CallOrigin | undefined {
  return origins.getStore();
}
