import { shownJson } from '../../domain/visible-text.js';
import type { Entry } from '../entries/entries.js';

/** One entry without its body, for a recording of a protocol that this version does not know or has no words for. */
export function envelopeLine(entry: Entry): string {
  const { seq, prev: _prev, at: _at, mono, type, ...fields } = entry;
  const envelope = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'body'));
  const hasBody = 'body' in fields && fields.body !== undefined;
  const seconds = (mono / 1_000_000).toFixed(6);
  return `+${seconds}s  #${seq}  ${type}  ${shownJson(JSON.stringify(envelope))}${hasBody ? '  (body not shown)' : ''}`;
}
