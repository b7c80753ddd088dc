import { sha256 } from '@noble/hashes/sha2.js';
import { hexOf } from './bytes.js';
import { count, fields, text, type Fields } from './shape.js';

/** Where bytes of an entry are: from `offset` on in the uncompressed bytes of a segment. */
export interface BytesReference {
  /** Bytes that there were. */
  readonly bytes: number;
  /** How many of them, from the start, are kept. */
  readonly kept: number;
  /** Of all `bytes`. */
  readonly sha256: string;
  /** From 1; 0 when nothing is kept. */
  readonly segment: number;
  readonly offset: number;
}

export const reference = fields({ bytes: count, kept: count, sha256: text, segment: count, offset: count });

const SHA256 = /^[0-9a-f]{64}$/;
const EMPTY_SHA256 = hexOf(sha256(new Uint8Array()));

/** Those of one entry, in the order in which the segments have their bytes. */
export function referencesOf(entry: Fields): readonly BytesReference[] {
  const { type, request, response, data } = entry;
  if (type === 'result') return [request, response].filter(isReference);
  return type === 'stream' && isReference(data) ? [data] : [];
}

/** What is wrong with a reference, as far as that can be told without the bytes. */
export function wrongReference({ bytes, kept, sha256, segment, offset }: BytesReference): string | undefined {
  if (kept > bytes) return 'It keeps more bytes than there were.';
  const isPlaced = segment > 0;
  if (isPlaced !== kept > 0 || (!isPlaced && offset !== 0)) {
    return 'Its bytes are kept nowhere, or a place is given for nothing.';
  }
  if (bytes === 0 && sha256 !== EMPTY_SHA256) return 'The digest of its empty bytes is wrong.';
  return kept < bytes && !SHA256.test(sha256) ? 'Its sha256 is no SHA-256.' : undefined;
}

function isReference(value: unknown): value is BytesReference {
  return reference(value) === undefined;
}
