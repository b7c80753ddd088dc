import type { ProtocolValue } from '../../domain/protocol-value.js';
import { access } from '../../protocols/sql/access-schema.js';
import { factsView } from '../../protocols/sql/facts-view.js';

/** A rule of access in words; one of a protocol for which there are none as JSON. */
export function accessText(rule: ProtocolValue): string {
  const { data } = access.safeParse(rule);
  if (data === undefined) return JSON.stringify(rule);
  const { database, tables, privileges } = data;
  const places = tables?.map((table) => `${database}.${table}`).join(', ') ?? `${database}.*`;
  return `${privileges.join(', ')} on ${places}`;
}

/** What was understood of an operation, in short. */
export function factsText(facts: ProtocolValue): string {
  const { data } = factsView.safeParse(facts);
  return data === undefined ? JSON.stringify(facts) : `${data.kind} (${data.action})`;
}
