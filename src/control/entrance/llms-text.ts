import { z } from 'zod';
import { type AnyTargetView, commonLimits } from '../../contracts/grants/target.js';
import { shownLine } from '../../domain/visible-text.js';
import type { Entrance, EntranceCaller, EntranceLimits } from './entrance.js';
import { ABOUT, EXAMPLE_REQUEST, FIRST_STEPS, LINKS, MCP_PATH, RULES } from './first-steps.js';

/** Every protocol has them. */
const bounds = z.object(commonLimits);

/** The entrance as text for a language model. @see https://llmstxt.org */
export function llmsText({ origin, limits, connecting, caller }: Entrance): string {
  return [
    '# Doorwarden',
    `> ${ABOUT}`,
    `The API is at ${origin}. It takes and gives JSON. The same is offered as tools by the MCP server at ${origin}${MCP_PATH} (streamable HTTP).`,
    ...(caller === undefined ? [] : callerParts(caller)),
    '## The task in seven steps',
    FIRST_STEPS.map((step, index) => `${index + 1}. ${step}`).join('\n'),
    '## An example',
    exampleOf(origin),
    ...connecting,
    '## What to keep to',
    listOf(RULES),
    '## Limits',
    listOf(limitLines(limits)),
    '## Links',
    listOf(Object.entries(LINKS).map(([name, { path, about }]) => `[${name}](${origin}${path}): ${about}`)),
  ]
    .join('\n\n')
    .concat('\n');
}

function callerParts({ name, roles, targets, hasMore }: EntranceCaller): readonly string[] {
  const who = `You are ${name}, with the role${roles.length === 1 ? '' : 's'} ${roles.join(', ')}.`;
  if (targets === undefined) {
    return [`${who} Only a principal with the role agent asks for grants; ask an operator for a key of one.`];
  }
  const parts = [who, '## What you may ask for'];
  if (targets.length === 0) return [...parts, 'There is no target yet. Ask an operator to register one.'];
  const more = hasMore ? ['There are more: GET /v1/targets lists them all.'] : [];
  return [...parts, listOf(targets.map(targetLine)), ...more];
}

/** Names and reasons are what an operator wrote; they stay in their line. */
function targetLine({ name, protocol, defaultDatabase, limits, report, asking }: AnyTargetView): string {
  const place = defaultDatabase === null ? '' : `, database ${defaultDatabase}`;
  const { ttlSecondsMax, sessionsMax } = bounds.parse(limits);
  const most = `for ${ttlSecondsMax} seconds at most, on ${sessionsMax} connections at a time`;
  const what = asking?.words ?? 'Nothing can be asked for yet: no gateway has looked at it.';
  return shownLine(`**${name}** (${report?.flavour ?? protocol}${place}; ${most}): ${what}`);
}

/** A request as one would type it. The form of `access` is the protocol's; the description of the API has each. */
function exampleOf(origin: string): string {
  return [
    '```sh',
    `curl ${origin}/v1/grants -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
    `  -H "Idempotency-Key: $ANY_NAME" -d '${JSON.stringify(EXAMPLE_REQUEST)}'`,
    '```',
  ].join('\n');
}

function limitLines({ callsPerMinute, grantsPerMinute, waitSecondsMax }: EntranceLimits): readonly string[] {
  return [
    `One call waits for ${waitSecondsMax} seconds at most (\`?wait=\`); then ask again with the same id.`,
    ...(callsPerMinute === null ? [] : [`${callsPerMinute} calls in a minute with one credential.`]),
    ...(grantsPerMinute === null ? [] : [`${grantsPerMinute} requests for grants in a minute by one principal.`]),
  ];
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
