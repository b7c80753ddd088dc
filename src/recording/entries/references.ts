import { hash } from 'node:crypto';
import type { BytesReference } from './entries.js';

const SHA256_HEX = /^[0-9a-f]{64}$/;
const EMPTY_SHA256 = hash('sha256', '');

/** What is wrong with where an entry says that its bytes are, as far as it can be told without them. */
export function wrongReference(reference: BytesReference | undefined): string | undefined {
  if (reference === undefined) return undefined;
  const { bytes, kept, sha256, segment, offset } = reference;
  if (kept > bytes) return 'It keeps more bytes than there were.';
  const placed = segment > 0;
  if (placed !== kept > 0 || (!placed && offset !== 0)) {
    return 'Its bytes are kept nowhere, or a place is given for nothing.';
  }
  if (bytes === 0 && sha256 !== EMPTY_SHA256) return 'The digest of its empty bytes is wrong.';
  if (kept < bytes && !SHA256_HEX.test(sha256)) return 'Its sha256 is no SHA-256.';
  return undefined;
}
