import { expect, it } from 'vitest';
import type { ErrorRow } from './error-row.js';
import { ERROR_TABLE } from './errors.js';

it('docs/errors.md lists every code as the table has it (write it anew with `vitest -u`)', async () => {
  await expect(document()).toMatchFileSnapshot('../../docs/errors.md');
});

it('every code says what happened and what to do, in sentences', () => {
  for (const { title, next } of Object.values(ERROR_TABLE)) {
    expect(title).toMatch(/^[A-Z].*[.!]$/);
    expect(next).toMatch(/^[A-Z].*[.}]$/);
  }
});

it('every SQLSTATE has the five characters that the protocol sends', () => {
  for (const { sqlState, errno } of Object.values(ERROR_TABLE)) {
    expect(sqlState).toMatch(/^[0-9A-Z]{5}$/);
    expect(errno).toBeGreaterThan(999);
  }
});

function document(): string {
  const sections = Object.entries(ERROR_TABLE).map(([code, row]) => section(code, row));
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

This file is made from the table in \`src/kernel/errors.ts\`.
`;

function section(code: string, { httpStatus, errno, sqlState, title, next }: ErrorRow): string {
  return `## ${code}

HTTP ${httpStatus} · MySQL ${errno} (${sqlState})

${title} ${next}
`;
}
