import type { Entry, StatementEntry } from '../../../recording/entries/entries.js';
import type { GrantTraces } from '../account/end-account.js';
import { xaIdsIn } from '../session/xa.js';

/**
 * The XA transactions that a recording tells of. Threads it tells of too, but those matter only under an account that
 * is shared: there a number may be someone else's by now, and the connections of a dead gateway end by themselves.
 */
export async function tracesIn(recorded: AsyncIterable<Entry>): Promise<GrantTraces> {
  const xaIds = new Set<string>();
  for await (const entry of recorded) {
    if (entry.type === 'statement') for (const id of xaIdsIn(latin1Of(entry))) xaIds.add(id);
  }
  return { xaIds: [...xaIds], threads: [] };
}

/** One character a byte, as {@link xaIdsIn} reads it. */
function latin1Of(entry: StatementEntry): string {
  const bytes = 'text' in entry ? Buffer.from(entry.text, 'utf8') : Buffer.from(entry.textBase64, 'base64');
  return bytes.toString('latin1');
}
