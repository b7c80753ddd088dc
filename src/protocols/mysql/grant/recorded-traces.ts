import { z } from 'zod';
import type { Entry } from '../../../recording/entries/entries.js';
import type { GrantTraces } from '../account/end-account.js';
import { xaIdsIn } from '../session/xa/xa.js';

/** Only what is looked at: a newer gateway may have recorded more of a statement, and its transactions end as well. */
const sentText = z.union([z.object({ text: z.string() }), z.object({ textBase64: z.base64() })]);

/**
 * The XA transactions that a recording tells of. Threads it tells of too, but those matter only under an account that
 * is shared: there a number may be someone else's by now, and the connections of a dead gateway end by themselves.
 */
export async function tracesIn(recorded: AsyncIterable<Entry>): Promise<GrantTraces> {
  const xaIds = new Set<string>();
  for await (const entry of recorded) {
    if (entry.type !== 'operation') continue;
    const sent = sentText.safeParse(entry.body);
    if (sent.success) for (const id of xaIdsIn(latin1Of(sent.data))) xaIds.add(id);
  }
  return { xaIds: [...xaIds], threads: [] };
}

/** One character a byte, as {@link xaIdsIn} reads it. */
function latin1Of(sent: z.infer<typeof sentText>): string {
  const bytes = 'text' in sent ? Buffer.from(sent.text, 'utf8') : Buffer.from(sent.textBase64, 'base64');
  return bytes.toString('latin1');
}
