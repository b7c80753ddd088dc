import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import { ApiFailure } from '../client/api-failure.js';
import type { DoorwardenClient } from '../client/doorwarden-client.js';
import type { GrantView } from '../contracts/grants/grant.js';
import { idSchema } from '../contracts/page.js';
import { shownLine } from '../domain/visible-text.js';

const GRANTS_LISTED_MAX = 50;
const JSON_TYPE = 'application/json';
const uriOf = (id: string): string => `doorwarden://grants/${id}`;

/** The caller's own grants; the API shows no others. `admit` is asked before anything is read. */
export function registerGrants(
  server: McpServer,
  broker: DoorwardenClient,
  admit: (signal: AbortSignal) => Promise<void>,
): void {
  const list = async ({ mcpReq: { signal } }: Readonly<{ mcpReq: { signal: AbortSignal } }>) => {
    await admit(signal);
    const grants = await openGrants(broker, signal);
    const resources = grants.map(({ id, target, state, task }) => ({
      uri: uriOf(id),
      name: `${shownLine(target)}: ${shownLine(task.title)} (${state})`,
      mimeType: JSON_TYPE,
    }));
    return { resources };
  };
  server.registerResource(
    'grant',
    new ResourceTemplate(uriOf('{id}'), { list }),
    {
      title: 'A grant of yours',
      description: 'Where it stands, what it covers and what waits for people.',
      mimeType: JSON_TYPE,
    },
    async (uri, { id }, { mcpReq: { signal } }) => {
      await admit(signal);
      const parsed = idSchema.safeParse(id);
      if (!parsed.success) throw new ResourceNotFoundError(uri.href);
      const grant = await foundGrant(broker, parsed.data, signal);
      if (grant === undefined) throw new ResourceNotFoundError(uri.href);
      return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: JSON.stringify(grant) }] };
    },
  );
}

async function openGrants(broker: DoorwardenClient, signal: AbortSignal): Promise<readonly GrantView[]> {
  const states = ['requested', 'active', 'closing'] as const;
  const lists = await Promise.all(
    states.map((state) => broker.listGrants({ state, limit: GRANTS_LISTED_MAX, signal })),
  );
  return lists.flat();
}

async function foundGrant(broker: DoorwardenClient, id: string, signal: AbortSignal) {
  try {
    return await broker.getGrant(id, { signal });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'grant_not_found') return undefined;
    throw error;
  }
}
