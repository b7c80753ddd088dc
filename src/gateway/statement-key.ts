import { hash } from 'node:crypto';
import type { JudgedStatement, Judgement } from './ports.js';

/**
 * Names a statement within its grant: the same bytes with the same values, in the same database and session state,
 * that touch the same things. Whatever of it changes makes another statement, which is asked anew.
 */
export function statementKeyOf({ bytes, values, scene }: JudgedStatement, judgement: Judgement): string {
  return digest(['statement', hash('sha256', bytes), values ?? null, scene.database, scene.dialect, judgement.facts]);
}

/** Names a shape within its grant; null when a text is of no shape that could come again. */
export function shapeKeyOf({ scene }: JudgedStatement, { fingerprint, facts }: Judgement): string | null {
  return fingerprint === null ? null : digest(['shape', fingerprint, scene.database, scene.dialect, facts]);
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
