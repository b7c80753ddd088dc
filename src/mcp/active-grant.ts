import type { GrantDetailView } from '../contracts/grants/grant.js';
import { BrokerError } from '../kernel/errors.js';
import type { ToolCall } from './tool.js';

/**
 * The caller's own grant, while it has a connection that lets somebody in.
 * @throws ApiFailure `grant_not_found`; BrokerError `connection_not_ready`, `grant_not_active`
 */
export async function activeGrant(id: string, { broker, signal }: ToolCall): Promise<GrantDetailView> {
  const grant = await broker.getGrant(id, { signal });
  if (grant.state === 'active') return grant;
  throw new BrokerError(grant.state === 'requested' ? 'connection_not_ready' : 'grant_not_active', {
    detail: `Its state is ${grant.state}.`,
  });
}
