import { setTimeout as pause } from 'node:timers/promises';
import type { GrantClient } from '../../../client/grant-client.js';
import type { RunNews } from './run-news.js';

/** Before this nobody wonders why nothing happens. */
const LOOK_MS = 3_000;

/**
 * Tells of each statement of a grant that waits for people, once, until the signal is aborted. The client of the statement
 * shows nothing meanwhile. Never fails: what cannot be seen now is seen at the next look.
 */
export async function tellOfHeld(
  client: GrantClient,
  grantId: string,
  { news, signal }: { readonly news: RunNews; readonly signal: AbortSignal },
): Promise<void> {
  const told = new Set<string>();
  try {
    while (!signal.aborted) {
      await pause(LOOK_MS, undefined, { signal });
      const grant = await client.getGrant(grantId, { signal });
      for (const question of grant.waiting) {
        if (question.kind !== 'statement' || told.has(question.id)) continue;
        told.add(question.id);
        news.statementWaits(question, client.approvalLink(question.id));
      }
      if (grant.state !== 'active') return;
    }
  } catch {
    // Aborted, or an api that is away for longer than calls are made again: the program learns by itself what it needs.
  }
}
