import { hash } from 'node:crypto';
import type { JudgedStatement, Judgement } from './ports.js';

/**
 * Names a statement within its grant: the same bytes with the same values, in the same database and session state,
 * that touch the same things and take the same people. Whatever of it changes makes another statement, which is asked anew:
 * what one person approved is not approved once the policy wants two.
 */
export function statementKeyOf({ bytes, values, scene }: JudgedStatement, judgement: Judgement): string {
  const { database, dialect } = scene;
  return digest(['statement', hash('sha256', bytes), values ?? null, database, dialect, ...touched(judgement)]);
}

/** Names a shape within its grant; null when a text is of no shape that could come again. */
export function shapeKeyOf({ scene }: JudgedStatement, judgement: Judgement): string | null {
  const { fingerprint } = judgement;
  if (fingerprint === null) return null;
  return digest(['shape', fingerprint, scene.database, scene.dialect, ...touched(judgement)]);
}

/** What the statement touches, and who must approve that. */
function touched({ facts, hold }: Judgement): readonly unknown[] {
  return [facts, hold === null ? null : [hold.approvers, hold.quorum]];
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
