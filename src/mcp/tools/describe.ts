import { z } from 'zod';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { failureText } from '../failure-answer.js';
import { FIRST_WAIT_SECONDS, TABLES_MAX } from '../limits.js';
import type { CatalogOutcome, StatementRunner } from '../../protocol/statement-runner.js';
import { type ToolAnswer, type ToolCall, toolOf } from '../tool.js';
import { grantId } from './ids.js';

const TABLE_CHARACTERS_MAX = 200;
const MS_PER_SECOND = 1000;

export const describeGrant = toolOf({
  name: 'describe',
  title: 'Describe what a grant covers',
  description:
    'Says what a grant covers, what of it runs at once and what waits for people, and, while it is active, which tables its account sees; with `table` the columns of that one.',
  input: z.strictObject({
    grant: grantId,
    table: z
      .string()
      .min(1)
      .max(TABLE_CHARACTERS_MAX)
      .regex(/^\P{Cc}*$/u, 'must not contain control characters')
      .optional()
      .describe('A table, as `orders` or `shop.orders`.'),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ grant: id, table }, call) {
    const grant = await call.broker.getGrant(id, { signal: call.signal });
    const { statements } = call.parts;
    const isOpen = grant.state === 'active' && statements?.knows(grant.protocol) === true;
    if (!isOpen || statements === undefined) return coveredAnswer(grant, undefined);
    return coveredAnswer(grant, await catalogOf(statements, { id, table }, call));
  },
});

async function catalogOf(
  runner: StatementRunner,
  { id, table }: { readonly id: string; readonly table: string | undefined },
  { parts, signal }: ToolCall,
): Promise<CatalogOutcome> {
  const connection = await parts.keeper.connectionOf(id, signal);
  const late = AbortSignal.timeout(FIRST_WAIT_SECONDS * MS_PER_SECOND);
  return runner.describe(connection, { table, tablesMax: TABLES_MAX, signal: AbortSignal.any([signal, late]) });
}

function coveredAnswer(grant: GrantDetailView, catalog: CatalogOutcome | undefined): ToolAnswer {
  const { id, state, target, protocol, access, outlook } = grant;
  const facts = { grant: id, state, target, protocol, access, outlook: outlook?.words ?? null };
  const words = `The grant is ${state}.${outlook === null ? '' : ` ${outlook.words}`}`;
  if (catalog === undefined) return { text: words, facts };
  if (catalog.kind !== 'tables') return { text: `${words} ${whyNot(catalog)}`, facts: { ...facts, catalog } };
  const { tables, hasMore } = catalog;
  const more = hasMore ? ` There are more than these ${tables.length}.` : '';
  const seen = `Its account sees ${tables.length === 1 ? '1 table' : `${tables.length} tables`} without an approval.${more}`;
  return { text: `${words} ${seen}`, facts: { ...facts, tables, hasMore } };
}

function whyNot(catalog: Exclude<CatalogOutcome, { kind: 'tables' }>): string {
  if (catalog.kind === 'stopped') return 'The database did not tell its tables in time.';
  const { code, message } = catalog;
  return `Its tables cannot be told: ${failureText({ code: null, message, next: null })} ${message.includes(code) ? '' : `(${code})`}`.trim();
}
