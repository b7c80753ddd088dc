import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { taskSchema } from '../../contracts/grants/grant.js';
import { ACCESS_RULES_MAX, TTL_SECONDS_MAX } from '../../domain/grant.js';
import { idSchema } from '../../contracts/page.js';
import { targetName } from '../../contracts/grants/target.js';
import { BrokerError } from '../../kernel/errors.js';
import { differentWords } from '../../protocol/access-words.js';
import { seenGrant, type SeenGrant } from '../grant-answer.js';
import { waitedGrant } from '../grant-wait.js';
import { FIRST_WAIT_SECONDS, TTL_SECONDS_DEFAULT } from '../limits.js';
import type { McpParts } from '../mcp-parts.js';
import { wordsOfAll } from '../said-words.js';
import { taskOfGrant } from '../tasks.js';
import { ttlSecondsMaxOf } from '../target-limits.js';
import { waitsForText } from '../told-approval.js';
import { type McpTool, type ToolCall, toolOf } from '../tool.js';

function inputOf({ protocols }: Pick<McpParts, 'protocols'>) {
  const told = differentWords(protocols.map(({ access }) => access))
    .map(({ told: each }) => each)
    .join(' ');
  return z.strictObject({
    target: targetName.describe('The name of a target, as list_targets gives it.'),
    task: taskSchema.describe(
      'What you need the access for. People who approve read it; name the ticket in `reference`.',
    ),
    access: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .max(ACCESS_RULES_MAX)
      .optional()
      .describe(`What you need, as little as the task takes. ${told}`),
    ttlSeconds: z
      .int()
      .min(1)
      .max(TTL_SECONDS_MAX)
      .optional()
      .describe(`How long you need it. Absent: ${TTL_SECONDS_DEFAULT}, or what the target allows if that is less.`),
    idempotencyKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
      .optional()
      .describe(
        'A name of your own for this request: the same call with the same key within a day gives the same grant.',
      ),
  });
}

type Asked = z.infer<ReturnType<typeof inputOf>>;

/** Asks for a grant and waits a while; all of the waiting is in the broker, so a call that is lost loses nothing. */
export function requestAccess(parts: Pick<McpParts, 'protocols'>): McpTool {
  return toolOf({
    name: 'request_access',
    title: `Ask for access to ${wordsOfAll(parts).aTarget}`,
    description:
      'Asks for time-boxed access to one target for one task, and waits up to 40 seconds. Ask once for each task. `active`: go on with get_connection. `requested`: people are asked, or a gateway opens it; call wait_for_access. A timeout is no refusal.',
    input: inputOf(parts),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    async run(args, call) {
      const seen = await asked(args, call);
      const shown = call.person.shownFor === undefined ? shownPage(seen, call) : undefined;
      if (shown !== undefined) return shown;
      if (call.takesTasks && seen.grant.state === 'requested') return { task: taskOfGrant(seen, call) };
      return waitedGrant(seen, FIRST_WAIT_SECONDS, call);
    },
  });
}

/** Says to the person at the caller where the request is decided. */
function shownPage({ grant, waitsFor }: SeenGrant, { person }: ToolCall): ReturnType<ToolCall['person']['show']> {
  if (waitsFor === null || waitsFor.page === null) return undefined;
  const { page: url } = waitsFor;
  const people = waitsForText({ ...waitsFor, page: null });
  const message = `This task needs an approval by ${people}. Ask one of them to open the page. What you do here decides nothing.`;
  return person.show({ url, message, grant: grant.id });
}

/** The grant of this call: of the call that it repeats, or a new one. */
async function asked(args: Asked, call: ToolCall): Promise<SeenGrant> {
  const { broker, signal, person } = call;
  if (person.shownFor !== undefined) {
    const id = idSchema.safeParse(person.shownFor);
    if (!id.success) throw new BrokerError('request_invalid', { detail: 'requestState: is none of this server.' });
    return seenGrant(await broker.getGrant(id.data, { signal }), call);
  }
  const { target, task, access, idempotencyKey = randomUUID() } = args;
  const ttlSeconds = args.ttlSeconds ?? (await usualTtl(target, call));
  const request = { target, task, ttlSeconds, ...(access === undefined ? {} : { access }) };
  // The answer has no connection: the keeper fetches it, and nobody else.
  return seenGrant(await broker.requestGrant(request, { idempotencyKey, signal, connection: 'later' }), call);
}

async function usualTtl(target: string, { broker, signal }: ToolCall): Promise<number> {
  const most = ttlSecondsMaxOf((await broker.getTarget(target, { signal })).limits);
  return Math.min(most ?? TTL_SECONDS_DEFAULT, TTL_SECONDS_DEFAULT);
}
