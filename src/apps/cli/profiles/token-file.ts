import { readFileSync, statSync } from 'node:fs';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { UsageFailure } from '../terminal/conventions.js';

const BYTES_MAX = 64 * 1024;
/** One word of visible ASCII: a private key or some other file is none, and is sent nowhere. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The token or key that a file has now; it is read again for each call, since what rotates tokens writes the file again. @throws UsageFailure */
export function tokenInFile(path: string): string {
  let text: string;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new UsageFailure(`DOORWARDEN_TOKEN_FILE names ${path}, which is no file.`);
    if (found.size > BYTES_MAX) throw new UsageFailure(`${path} is larger than 64 KiB, which no token is.`);
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof UsageFailure) throw error;
    const why = systemErrorCode(error) ?? 'unknown';
    throw new UsageFailure(`DOORWARDEN_TOKEN_FILE names ${path}, which cannot be read (${why}).`);
  }
  if (TOKEN.test(text)) return text;
  throw new UsageFailure(
    text === '' ? `${path} is empty; it should have a token.` : `What ${path} has is no token: a token is one word.`,
  );
}
