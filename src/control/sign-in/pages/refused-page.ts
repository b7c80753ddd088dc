import type { BrokerError } from '../../../kernel/errors.js';
import { html, type HtmlText } from '../../http/html.js';
import type { PlainPage } from './page.js';

/** Why somebody could not sign in, in a sentence of ours, with what an operator needs to find the rest in the log. */
export function refusedPage(error: BrokerError, requestId: string): PlainPage {
  const { title, next, httpStatus } = error.row;
  const { check } = error.fields;
  return {
    title: 'You are not signed in',
    status: httpStatus,
    body: html`<p>${withCode(title)}</p>
      ${error.detail === undefined ? undefined : html`<p>${withCode(error.detail)}</p>`}
      <p>${withCode(next)}</p>
      <p><a href="/auth/sign-in">To the ways to sign in</a></p>
      <dl>
        <dt>Code</dt>
        <dd><code>${error.code}${typeof check === 'string' ? `/${check}` : undefined}</code></dd>
        <dt>Request</dt>
        <dd><code>${requestId}</code></dd>
      </dl>`,
  };
}

/** What stands between backticks is something to type. */
function withCode(text: string): readonly (string | HtmlText)[] {
  return text.split('`').map((part, place) => (place % 2 === 1 ? html`<code>${part}</code>` : part));
}
