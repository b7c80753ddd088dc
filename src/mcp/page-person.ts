import { randomUUID } from 'node:crypto';
import { type ClientCapabilities, inputRequired, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import type { PagePerson } from './tool.js';

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
      if (!canShow(envelope['io.modelcontextprotocol/clientCapabilities'])) return undefined;
      return inputRequired({ inputRequests: { page: inputRequired.elicitUrl({ url, message }) }, requestState: grant });
    }
    // Of the older revision the call goes on meanwhile; whatever the person says changes nothing.
    if (canShow(legacyCapabilities(server))) {
      elicitInput({ mode: 'url', url, message, elicitationId: randomUUID() }, { signal: over }).catch(() => undefined);
    }
    return undefined;
  };
  return { show, shownFor };
}

function canShow(capabilities: ClientCapabilities | undefined): boolean {
  return capabilities?.elicitation?.url !== undefined;
}

/** Of a client that opened its connection with `initialize`: nothing else knows them. */
function legacyCapabilities({ server }: McpServer): ClientCapabilities | undefined {
  return server.getClientCapabilities();
}
