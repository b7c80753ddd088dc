import type { NextFunction, Request, Response } from 'express';
import { ulid } from 'ulid';

const GIVEN = /^[\w.-]{1,64}$/;
const ids = new WeakMap<object, string>();

/** Names every request, by the caller's `X-Request-Id` when it has a sound one, and says the name in the answer. */
export function nameRequest(request: Request, response: Response, next: NextFunction): void {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && GIVEN.test(given) ? given : ulid().toLowerCase();
  ids.set(request, id);
  response.setHeader('X-Request-Id', id);
  next();
}

export function requestIdOf(request: object): string {
  return ids.get(request) ?? '';
}
