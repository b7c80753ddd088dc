import { ApiFailure } from '../client/api-failure.js';
import type { WaitOptions } from '../client/grant-client.js';
import type { GrantView } from '../contracts/grant.js';
import type { ToolCall } from './tool.js';

/** The grant as it is once it was closed; one that nobody had opened is refused, and nobody is asked about it any more. */
export async function endedGrant(
  id: string,
  { broker, signal }: ToolCall,
  options: Pick<WaitOptions, 'waitSeconds'> = {},
): Promise<GrantView> {
  try {
    return await broker.closeGrant(id, { ...options, signal });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'grant_not_active') return broker.getGrant(id, { signal });
    throw error;
  }
}
