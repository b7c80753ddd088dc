import { randomUUID } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { PagePerson } from './tool.js';

/** A client that can show an address to the person who uses it. */
const showsPages = z.looseObject({ elicitation: z.looseObject({ url: z.looseObject({}) }) });
/** Of the newer revision each request says what its client can do. */
const requestShowsPages = z.looseObject({ [CLIENT_CAPABILITIES_META_KEY]: showsPages });

/**
 * The person at the caller, by elicitation in its url mode, which a client declares or not. It is never used to approve: who
 * sits there is the agent's user. `over` ends what is still shown when the call is answered.
 */
export function pagePersonOf(server: McpServer, context: ServerContext, over: AbortSignal): PagePerson {
  const { envelope, requestState, elicitInput } = context.mcpReq;
  const state = requestState();
  const shownFor = typeof state === 'string' ? state : undefined;
  const show: PagePerson['show'] = ({ url, message, grant }) => {
    if (envelope !== undefined) {
      if (!requestShowsPages.safeParse(envelope).success) return undefined;
      return inputRequired({ inputRequests: { page: inputRequired.elicitUrl({ url, message }) }, requestState: grant });
    }
    // Of the older revision the call goes on meanwhile; whatever the person says changes nothing.
    if (showsPages.safeParse(capabilitiesOf(server)).success) {
      elicitInput({ mode: 'url', url, message, elicitationId: randomUUID() }, { signal: over }).catch(() => undefined);
    }
    return undefined;
  };
  return { show, shownFor };
}

/** Of a client that opened its connection with `initialize`: no request says them. */
function capabilitiesOf({ server }: McpServer): unknown {
  return server.getClientCapabilities();
}
