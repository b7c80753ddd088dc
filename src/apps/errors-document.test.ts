import { expect, it } from 'vitest';
import { agentStepOf } from '../kernel/agent-steps.js';
import type { ErrorRow } from '../kernel/errors/error-row.js';
import { ERROR_CODES, ERROR_TABLE, type ErrorCode } from '../kernel/errors/error-table.js';
import { wireCodeOf } from '../protocols/mysql/wire-codes.js';
import { PROTOCOLS } from './protocols.js';

it('docs/errors.md lists every code as the table has it (write it again with `vitest -u`)', async () => {
  await expect(document()).toMatchFileSnapshot('../../docs/errors.md');
});

it('every code says what happened and what to do, in sentences', () => {
  for (const { title, next } of Object.values(ERROR_TABLE)) {
    expect(title).toMatch(/^[A-Z].*[.!]$/);
    expect(next).toMatch(/^[A-Z].*[.}]$/);
  }
});

it('every SQLSTATE has the five characters that the protocol sends', () => {
  for (const code of ERROR_CODES) {
    const { sqlState, errno } = wireCodeOf(code);
    expect(sqlState).toMatch(/^[0-9A-Z]{5}$/);
    expect(errno).toBeGreaterThan(999);
  }
});

function document(): string {
  const sections = ERROR_CODES.map((code) => section(code, ERROR_TABLE[code]));
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# Errors

Every refusal and failure has one of these codes, wherever it shows: as the \`code\` of a problem document over HTTP
(\`application/problem+json\`), as an ERR packet on the MySQL wire, and in recordings. The codes are stable.

Over HTTP:

\`\`\`json
{
  "type": "/docs/errors#grant_not_active",
  "title": "The grant is no longer active.",
  "status": 409,
  "code": "grant_not_active",
  "next": "Ask for a new grant.",
  "instance": "/v1/grants/01k9.../close",
  "requestId": "01k9..."
}
\`\`\`

On the wire, the message that any driver shows: \`Doorwarden: <what happened> <detail> <what to do> (<code>)\`.
No error of a target begins so: where stored code or a quoted value says \`Doorwarden:\` in one, in whatever letters, the
gateway passes it on as \`The target:\`. Go by the exact form. Rows, and so \`SHOW WARNINGS\`, are never changed.

Where an agent can meet a code, its line _An agent_ says what it does next.

This file is made from the table in \`src/kernel/errors/error-table.ts\`.
`;

function section(code: ErrorCode, { httpStatus, title, next }: ErrorRow): string {
  const wires = PROTOCOLS.map((protocol) => ` · ${protocol.title} ${protocol.wireCode(code)}`);
  const agent = agentStepOf(code);
  return `## ${code}

HTTP ${httpStatus}${wires.join('')}

${title} ${next}
${agent === undefined ? '' : `\n_An agent_: ${agent.words}\n`}`;
}
