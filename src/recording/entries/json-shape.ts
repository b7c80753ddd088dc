import { TIMESTAMP } from './fields.js';

/**
 * Looks at what JSON.parse gave, at a fifth of a schema's cost. A schema decides about what is turned down here, and names
 * what is wrong with it. Fields are counted, because JSON has no undefined ones: as many as were looked at means no others.
 */

export type JsonFields = Readonly<Record<string, unknown>>;

/** `seq`, `prev`, `at`, `mono`. */
export const CHAIN_FIELDS = 4;

export function isChained({ seq, prev, at, mono }: JsonFields): boolean {
  return isOrdinal(seq) && isText(prev) && isText(at) && TIMESTAMP.test(at) && isNumber(mono);
}

export function isReference(json: unknown): boolean {
  if (!isFields(json)) return false;
  const { bytes, kept, sha256, segment, offset } = json;
  return isCount(bytes) && isCount(kept) && isText(sha256) && isCount(segment) && isCount(offset) && hasFields(json, 5);
}

export function isFields(json: unknown): json is JsonFields {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function hasFields(fields: object, count: number): boolean {
  return Object.keys(fields).length === count;
}

/** 1 for a field that is there. */
export function present(field: unknown): number {
  return field === undefined ? 0 : 1;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && isFinite(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0;
}

export function isOrdinal(value: unknown): value is number {
  return isCount(value) && value > 0;
}
