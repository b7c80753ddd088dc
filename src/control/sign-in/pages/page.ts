import type { Response } from 'express';
import { html, type HtmlText } from '../../http/html.js';
import { allowPage, type PagePolicy } from '../../http/safe-headers.js';

export interface PlainPage extends PagePolicy {
  readonly title: string;
  readonly status?: number;
  readonly body: HtmlText;
}

/** Answers with one of the plain pages that work before anybody has signed in: no script, one column, dark where wished. */
export function sendPage(response: Response, { title, status = 200, body, ...policy }: PlainPage): void {
  const nonce = allowPage(response, policy);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Doorwarden</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
      </head>
      <body>
        <header>Doorwarden</header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
  response.status(status).type('text/html; charset=utf-8').send(String(page).replaceAll(/^ +/gm, ''));
}

const STYLE = html`
  :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --act: #0a58ca }
  @media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6edf3; --soft: #9aa4af; --line: #3d444d;
  --act: #7ab7ff } } * { box-sizing: border-box } body { margin: 0; background: var(--paper); color: var(--ink); font:
  16px/1.5 system-ui, sans-serif } header, main { max-width: 34rem; margin: 0 auto; padding: 1.5rem 1.25rem 0 } header {
  color: var(--soft); font-weight: 600 } h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem } p, ul, dl {
  margin: 0 0 1rem; overflow-wrap: anywhere } ul { list-style: none; padding: 0 } li { margin: 0 0 .75rem } .way {
  display: block; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; color: var(--act); font:
  inherit; font-weight: 600; text-decoration: none; background: none; cursor: pointer } .way:hover { border-color:
  var(--act) } :focus-visible { outline: 3px solid var(--act); outline-offset: 2px } a { color: var(--act) } code {
  font: .9em ui-monospace, monospace } dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem;
  color: var(--soft); font-size: .9rem } dd { margin: 0; overflow-wrap: anywhere }
`;
