import type { Request } from 'express';
import { BrokerError } from '../../../kernel/errors.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/json\s*(;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** What a page of another site cannot have a browser send without the api's consent, which it never gives. */
export const PAGE_HEADER = 'X-Doorwarden';

/**
 * Lets a request that comes with a cookie change something only when a page of ours sent it: the browser says so, in
 * `Sec-Fetch-Site` or, where it is too old for that, in `Origin`; it has our header, which would make another site ask
 * first; and its body, if it has one, is JSON, which no form can send.
 * @throws BrokerError `cross_site_refused`
 */
export function refuseOtherSites(request: Request, origin: string): void {
  if (SAFE_METHODS.has(request.method)) return;
  if (!isFromHere(request, origin)) throw refusal('The browser does not say that a page of this broker sent it.');
  if (request.header(PAGE_HEADER) !== '1') throw refusal(`It lacks the header ${PAGE_HEADER}: 1.`);
  if (hasBody(request) && !JSON_TYPE.test(request.header('Content-Type') ?? '')) {
    throw refusal('Its body is not of the type application/json.');
  }
}

/**
 * As {@link refuseOtherSites}, for the one form of the pages that work without script: it has no header of ours, so that a
 * browser must say itself that the page is ours. @throws BrokerError `cross_site_refused`
 */
export function refuseOtherForms(request: Request, origin: string): void {
  const isOurForm = request.header('Sec-Fetch-Site') === 'same-origin' && isForm(request);
  if (!isOurForm) refuseOtherSites(request, origin);
}

/** Whether the body is what a form of a page sends. */
export function isForm(request: Request): boolean {
  return FORM_TYPE.test(request.header('Content-Type') ?? '');
}

function isFromHere(request: Request, origin: string): boolean {
  const site = request.header('Sec-Fetch-Site');
  return site === undefined ? request.header('Origin') === origin : site === 'same-origin';
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refusal(detail: string): BrokerError {
  return new BrokerError('cross_site_refused', { detail });
}
