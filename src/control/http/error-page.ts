import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { agentStepOf } from '../../kernel/agent-steps.js';
import { ERROR_TABLE, ERROR_CODES } from '../../kernel/errors/error-table.js';
import { escaped } from './html.js';

/** The table of errors as a page: where the `type` of every problem leads. Its style carries the nonce of the answer's policy. */
export function errorPage(protocols: readonly TargetProtocol[], nonce: string): string {
  const rows = ERROR_CODES.map((code) => {
    const { httpStatus, title, next } = ERROR_TABLE[code];
    const wires = protocols.map((protocol) => `<td>${escaped(protocol.wireCode(code))}</td>`);
    return (
      `<tr id="${code}"><td><code>${code}</code></td><td>${httpStatus}</td>${wires.join('')}` +
      `<td>${escaped(title)}</td><td>${escaped(next)}</td><td>${escaped(agentStepOf(code)?.words ?? '')}</td></tr>`
    );
  });
  const titles = protocols.map(({ title }) => `<th>${escaped(title)}</th>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Doorwarden: errors</title>
<style nonce="${escaped(nonce)}">body{font:16px/1.5 system-ui,sans-serif;margin:2rem}td,th{text-align:left;padding:.4rem .8rem;vertical-align:top}
tr:nth-child(even){background:#f4f4f4}tr:target{background:#ffe9a8}</style></head>
<body><h1>Errors</h1><p>Every refusal and failure has one of these codes.</p>
<table><thead><tr><th>Code</th><th>HTTP</th>${titles.join('')}<th>What happened</th><th>What to do</th><th>What an agent does next</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></body></html>
`;
}
