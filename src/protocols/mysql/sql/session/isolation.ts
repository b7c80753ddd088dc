import type { StatementFacts } from '../../../sql/statement.js';
import { comparedName } from '../text/variable-name.js';

/** What a statement may do to the isolation level of its session. */
export type IsolationChange =
  | 'none'
  /** Of the session: the target tells what it is now. */
  | 'session'
  /** Perhaps of the next transaction alone, to SERIALIZABLE, which no variable tells. */
  | 'next';

const MENTIONS = /isolation/i;
// eslint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;
const MILDER_LEVEL = String.raw`(?:read[\s-]+(?:un)?committed|repeatable[\s-]+read)`;
const MILDER_CHARACTERISTICS = String.raw`transaction\s+isolation\s+level\s+${MILDER_LEVEL}(?:\s*,\s*read\s+(?:only|write))?`;
/** All of a text that sets a level other than SERIALIZABLE: as ORMs, drivers and dump programs write it. */
const MILDER_NEXT = new RegExp(String.raw`^\s*set\s+${MILDER_CHARACTERISTICS}\s*;?\s*$`, 'i');
const MILDER = [
  String.raw`set\s+(?:session|local)\s+${MILDER_CHARACTERISTICS}`,
  String.raw`set\s+(?:(?:session|local)\s+|@@(?:(?:session|local)\.)?)?(?:tx|transaction)_isolation\s*:?=\s*(?:'${MILDER_LEVEL}'|"${MILDER_LEVEL}")`,
].map((form) => new RegExp(String.raw`^\s*${form}\s*;?\s*$`, 'i'));

/**
 * What the text may do to the isolation level; never milder than it does. Every way to set one has the word in it,
 * in letters that servers take for those of ASCII perhaps, but for stored code, which is not understood here.
 */
export function isolationChange(text: string, facts: StatementFacts): IsolationChange {
  const { action, kind, notUnderstood, unknownFunctions } = facts;
  const isOpen = notUnderstood !== null || action === 'execute';
  if (!isOpen && !kind.startsWith('set')) return 'none';
  if (notUnderstood !== null && (unknownFunctions.length > 0 || BEYOND_ASCII.test(text))) return 'next';
  if (!MENTIONS.test(comparedName(text)) || MILDER_NEXT.test(text)) return 'none';
  return MILDER.some((form) => form.test(text)) ? 'session' : 'next';
}
