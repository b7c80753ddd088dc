import { z } from 'zod';
import type { AnyTargetView } from '../../contracts/grants/target.js';
import { TARGETS_MAX } from '../limits.js';
import { ttlSecondsMaxOf } from '../target-limits.js';
import { toolOf } from '../tool.js';

/** What may be asked for. Addresses of targets are nobody's business here: the way to a target is a grant's endpoint. */
export const listTargets = toolOf({
  name: 'list_targets',
  title: 'List the databases that you may ask for',
  description:
    'Lists the targets (database servers) for which you may ask for access: name, protocol, flavour, default database, the longest time a grant may last, and in `asking` what opens at once, what waits for people and what is refused.',
  input: z.strictObject({}),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run(_, { broker, signal }) {
    const listed = await broker.listTargets({ signal });
    const targets = listed.slice(0, TARGETS_MAX).map(toldTarget);
    const hasMore = listed.length > targets.length;
    const names = targets.map(({ name }) => name).join(', ');
    const more = hasMore ? ' There are more that are not listed.' : '';
    const text =
      targets.length === 0
        ? 'There is no target. An operator registers them.'
        : `You may ask for access to: ${names}.${more} Call request_access with the one that the task needs.`;
    return { text, facts: { targets, hasMore } };
  },
});

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
