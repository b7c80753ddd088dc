import type { Response } from 'express';
import { allowPage } from '../http/safe-headers.js';
import type { BuiltPage } from './built-page.js';

/**
 * The one Trusted Types policy that the page may make, in src/verifier/: browsers take the address of a worker by such a policy
 * alone. It gives back the address of the verifier's own file, whatever it is asked for.
 */
const VERIFIER = 'doorwarden-verifier';

/** Answers with the page's document. It has nothing that is secret, and a nonce of its own. */
export function sendDocument(response: Response, page: BuiltPage): void {
  const nonce = allowPage(response, { trustedTypes: VERIFIER, workers: true });
  response.type('text/html; charset=utf-8').send(page.document(nonce));
}
