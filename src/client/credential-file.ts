import type { ApiCredential } from './api-call.js';
import { ApiFailure } from './api-failure.js';

/** No key or token is longer. */
const BYTES_MAX = 64 * 1024;

/** A credential that a file has, such as a token that a cluster or a CI writes again and again: it is read before each call. */
export function credentialOfFile(path: string): Exclude<ApiCredential, string> {
  return async () => {
    const text = await textOf(path);
    const credential = text.trim();
    if (credential === '') throw new ApiFailure(`The file ${path} has no API key or token in it.`, null);
    return credential;
  };
}

/** @throws ApiFailure */
async function textOf(path: string): Promise<string> {
  try {
    const { open } = await import('node:fs/promises'); // most credentials are no files
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(BYTES_MAX + 1), 0, BYTES_MAX + 1, 0);
      if (bytesRead > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const why = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : 'unknown';
    throw new ApiFailure(`The file ${path} with the API key or token cannot be read: ${why}.`, null, cause);
  }
}
