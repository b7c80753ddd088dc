import type { ProtocolValue } from '../../domain/protocol-value.js';
import { access } from './access-schema.js';

/** A rule of access: `SELECT, UPDATE on shop.orders, shop.items`. */
export function accessInWords(rule: ProtocolValue): string {
  const { database, tables, privileges } = access.parse(rule);
  const places = tables?.map((table) => `${database}.${table}`).join(', ') ?? `${database}.*`;
  return `${privileges.join(', ')} on ${places}`;
}
