import { hasFields, isFields, isNumber, isText, present } from '../entries/json-shape.js';

/** A value bound to a prepared statement. Without `encoding`, a string is the value's text. */
export interface ValueField {
  readonly type: string;
  readonly unsigned?: true;
  readonly value: string | number | null;
  readonly encoding?: 'base64';
}

/** Text exactly as sent: `text` when it is valid UTF-8, else its bytes, with the session's character set if that was another. */
export type TextField = { readonly text: string } | { readonly textBase64: string; readonly characterSet?: string };

/** Rows of values that a prepared statement was executed with at once; `types` has the type of each place. */
export interface BulkField {
  readonly types: readonly Pick<ValueField, 'type' | 'unsigned'>[];
  readonly rows: readonly (readonly BulkValue[])[];
}

type BulkValue = string | number | null | { readonly base64: string } | { readonly indicator: 'default' | 'ignore' };

/** True for what docs/recording-format-1.md has under `bulk`, and nothing else. */
export function isBulkField(json: unknown): json is BulkField {
  if (!isFields(json) || !hasFields(json, 2)) return false;
  const { types, rows } = json;
  if (!Array.isArray(types) || types.length === 0 || !types.every(isType)) return false;
  return Array.isArray(rows) && rows.length > 0 && rows.every((row) => isRow(row, types.length));
}

function isType(json: unknown): boolean {
  if (!isFields(json)) return false;
  const { type, unsigned } = json;
  return isText(type) && (unsigned === undefined || unsigned === true) && hasFields(json, 1 + present(unsigned));
}

function isRow(json: unknown, values: number): boolean {
  return Array.isArray(json) && json.length === values && json.every(isValue);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function isValue(json: unknown): boolean {
  if (json === null || isText(json) || isNumber(json)) return true;
  if (!isFields(json) || !hasFields(json, 1)) return false;
  const { base64, indicator } = json;
  return (isText(base64) && base64.length % 4 === 0 && BASE64.test(base64)) || isIndicator(indicator);
}

function isIndicator(json: unknown): boolean {
  return json === 'default' || json === 'ignore';
}
