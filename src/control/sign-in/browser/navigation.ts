import type { Request } from 'express';
import { BrokerError } from '../../../kernel/errors.js';

/**
 * Whether somebody really goes to the address. What is used once must not be used up by a browser that looks ahead, nor by
 * a program that only asks whether the address is there.
 */
export function isLookAhead(request: Request): boolean {
  if (request.method !== 'GET') return true;
  const purpose = ['Sec-Purpose', 'Purpose', 'X-Moz', 'X-Purpose'].map((name) => request.header(name) ?? '').join(' ');
  return /prefetch|prerender|preview/i.test(purpose);
}

/**
 * Lets a browser in that somebody has sent to the address, and a program, which does not say from where it comes.
 * @throws BrokerError `link_invalid` when a page has the browser load the address, or another site leads there
 */
export function mustBeOwnNavigation(request: Request): void {
  const site = request.header('Sec-Fetch-Site');
  if (site === undefined) return;
  const isOwn = site === 'none' || site === 'same-origin';
  if (isOwn && request.header('Sec-Fetch-Mode') === 'navigate') return;
  throw new BrokerError('link_invalid', {
    detail: 'It was opened from another page. Copy it into the address bar of the browser.',
  });
}

/**
 * Whether a browser says that it loads the address as a part of a page (a picture, a script, a frame) or for a script, and
 * not because somebody goes there. Any page can have any browser do that, so it must not use up what the browser's address
 * has left of sign-ins and their failures.
 */
export function isPartOfPage(request: Request): boolean {
  const destination = request.header('Sec-Fetch-Dest');
  return destination !== undefined && destination !== 'document';
}
