import type { Entry } from '../../../recording/entries/entries.js';
import type { GrantTraces } from '../account/end-account.js';
import type { StatementBody } from '../recorded/bodies.js';
import { isMysqlEntry } from '../recorded/body-schemas.js';
import { xaIdsIn } from '../session/xa.js';

/**
 * The XA transactions that a recording tells of. Threads it tells of too, but those matter only under an account that
 * is shared: there a number may be someone else's by now, and the connections of a dead gateway end by themselves.
 */
export async function tracesIn(recorded: AsyncIterable<Entry>): Promise<GrantTraces> {
  const xaIds = new Set<string>();
  for await (const entry of recorded) {
    if (!isMysqlEntry(entry) || entry.type !== 'operation') continue;
    for (const id of xaIdsIn(latin1Of(entry.body))) xaIds.add(id);
  }
  return { xaIds: [...xaIds], threads: [] };
}

/** One character a byte, as {@link xaIdsIn} reads it. */
function latin1Of(body: StatementBody): string {
  const bytes = 'text' in body ? Buffer.from(body.text, 'utf8') : Buffer.from(body.textBase64, 'base64');
  return bytes.toString('latin1');
}
