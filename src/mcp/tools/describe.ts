import { z } from 'zod';
import type { GrantDetailView } from '../../contracts/grants/grant.js';
import { failureText } from '../failure-answer.js';
import { FIRST_WAIT_SECONDS, TABLES_MAX } from '../limits.js';
import type { CatalogOutcome, StatementRunner } from '../../protocol/statement-runner.js';
import type { TargetWords } from '../../protocol/target-words.js';
import type { McpParts } from '../mcp-parts.js';
import { runnerPlace } from '../runner-place.js';
import { wordsOfOne } from '../said-words.js';
import { type McpTool, type ToolAnswer, type ToolCall, toolOf } from '../tool.js';
import { grantId } from './ids.js';

const TABLE_CHARACTERS_MAX = 200;
const MS_PER_SECOND = 1000;

/** The tool for a server that looks at targets, and for one that knows of the grant alone. */
export function describeGrant(parts: Pick<McpParts, 'statements' | 'protocols'>): McpTool {
  return parts.statements === undefined ? OF_THE_GRANT : withCatalog(parts.statements, parts);
}

const NAME = 'describe';
const TITLE = 'Describe what a grant covers';
const ANNOTATIONS = { readOnlyHint: true, openWorldHint: false };
const inputOfGrant = z.strictObject({ grant: grantId });

const OF_THE_GRANT = toolOf({
  name: NAME,
  title: TITLE,
  description: 'Says what a grant covers, what of it runs at once and what waits for people.',
  input: inputOfGrant,
  annotations: ANNOTATIONS,
  run: async ({ grant: id }, { broker, signal }) => coveredAnswer(await broker.getGrant(id, { signal })),
});

function withCatalog(runner: StatementRunner, parts: Pick<McpParts, 'protocols'>): McpTool {
  const catalogs = runner.words.map(({ catalog }) => catalog).join('; ');
  const { where } = runnerPlace(runner, parts);
  return toolOf({
    name: NAME,
    title: TITLE,
    description: `Says what a grant covers, what of it runs at once and what waits for people, and, while it is active${where}, ${catalogs}.`,
    input: inputOfGrant.extend({
      table: z
        .string()
        .min(1)
        .max(TABLE_CHARACTERS_MAX)
        .regex(/^\P{Cc}*$/u, 'must not contain control characters')
        .optional()
        .describe(runner.words.map(({ table }) => table).join(' ')),
    }),
    annotations: ANNOTATIONS,
    async run({ grant: id, table }, call) {
      const grant = await call.broker.getGrant(id, { signal: call.signal });
      if (grant.state !== 'active' || !runner.knows(grant.protocol)) return coveredAnswer(grant);
      const catalog = await catalogOf(runner, { id, table }, call);
      return coveredAnswer(grant, { catalog, words: wordsOfOne(grant.protocol, call.parts) });
    },
  });
}

async function catalogOf(
  runner: StatementRunner,
  { id, table }: { readonly id: string; readonly table: string | undefined },
  { parts, signal }: ToolCall,
): Promise<CatalogOutcome> {
  const connection = await parts.keeper.connectionOf(id, signal);
  const late = AbortSignal.timeout(FIRST_WAIT_SECONDS * MS_PER_SECOND);
  return runner.describe(connection, { table, tablesMax: TABLES_MAX, signal: AbortSignal.any([signal, late]) });
}

interface SeenCatalog {
  readonly catalog: CatalogOutcome;
  readonly words: TargetWords;
}

/** `seen` is absent where the server has not looked at the target. */
function coveredAnswer(grant: GrantDetailView, seen?: SeenCatalog): ToolAnswer {
  const { id, state, target, protocol, access, outlook } = grant;
  const facts = { grant: id, state, target, protocol, access, outlook: outlook?.words ?? null };
  const words = `The grant is ${state}.${outlook === null ? '' : ` ${outlook.words}`}`;
  if (seen === undefined) return { text: words, facts };
  const { catalog } = seen;
  if (catalog.kind !== 'tables') {
    return { text: `${words} ${whyNot(catalog, seen.words)}`, facts: { ...facts, catalog } };
  }
  const { tables, hasMore } = catalog;
  const more = hasMore ? ` There are more than these ${tables.length}.` : '';
  const count = tables.length === 1 ? '1 table' : `${tables.length} tables`;
  const text = `${words} Its account sees ${count} without an approval.${more}`;
  return { text, facts: { ...facts, tables, hasMore } };
}

function whyNot(catalog: Exclude<CatalogOutcome, { kind: 'tables' }>, { theTarget }: TargetWords): string {
  if (catalog.kind === 'stopped') return `Its tables are not known: ${theTarget} did not tell them in time.`;
  const { code, message } = catalog;
  return `Its tables cannot be told: ${failureText({ code: null, message, next: null })} ${message.includes(code) ? '' : `(${code})`}`.trim();
}
