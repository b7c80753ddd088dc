import type { ProtocolValue } from '../../domain/protocol-value.js';
import { shownLine } from '../../domain/visible-text.js';

/** A protocol's value as people see it: every text in it, at any depth, with its hidden characters written out. */
export function shownValue(value: ProtocolValue): ProtocolValue {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shown(field)]));
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return shownLine(value);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map(shown) : shownValue(value);
}
