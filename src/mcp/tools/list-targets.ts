import { z } from 'zod';
import type { AnyTargetView } from '../../contracts/grants/target.js';
import { TARGETS_MAX } from '../limits.js';
import type { McpParts } from '../mcp-parts.js';
import { wordsOfAll } from '../said-words.js';
import { ttlSecondsMaxOf } from '../target-limits.js';
import { type McpTool, type ToolAnswer, type ToolCall, toolOf } from '../tool.js';

/** What may be asked for. Addresses of targets are nobody's business here: the way to a target is a grant's endpoint. */
export function listTargets(parts: Pick<McpParts, 'protocols'>): McpTool {
  const { targets, servers, listed } = wordsOfAll(parts);
  const told = ['name', 'protocol', ...listed, 'the longest time a grant may last'].join(', ');
  return toolOf({
    name: 'list_targets',
    title: `List the ${targets} that you may ask for`,
    description: `Lists the targets (${servers}) for which you may ask for access: ${told}, and in \`asking\` what opens at once, what waits for people and what is refused.`,
    input: z.strictObject({}),
    annotations: { readOnlyHint: true, openWorldHint: false },
    run: (_, call) => targetsAnswer(call),
  });
}

async function targetsAnswer({ broker, signal }: ToolCall): Promise<ToolAnswer> {
  const all = await broker.listTargets({ signal });
  const targets = all.slice(0, TARGETS_MAX).map(toldTarget);
  const hasMore = all.length > targets.length;
  const names = targets.map(({ name }) => name).join(', ');
  const more = hasMore ? ' There are more that are not listed.' : '';
  const text =
    targets.length === 0
      ? 'There is no target. An operator registers them.'
      : `You may ask for access to: ${names}.${more} Call request_access with the one that the task needs.`;
  return { text, facts: { targets, hasMore } };
}

function toldTarget({ name, protocol, report, defaultDatabase, labels, limits, asking }: AnyTargetView) {
  const told = {
    name,
    protocol,
    flavour: report?.flavour ?? null,
    defaultDatabase,
    labels,
    ttlSecondsMax: ttlSecondsMaxOf(limits),
  };
  return asking === undefined || asking === null ? told : { ...told, asking };
}
