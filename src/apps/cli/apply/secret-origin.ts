import { resolve } from 'node:path';
import { UsageFailure } from '../terminal/conventions.js';
import type { SecretOrigin } from './apply-document.js';
import { boundedText } from './bounded-file.js';

const SECRET_BYTES_MAX = 4_096;

/** Reads the secret. @throws UsageFailure when it is not there or empty; its text is in no message */
export async function secretAt(
  origin: SecretOrigin,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  if ('env' in origin) {
    const secret = env[origin.env];
    if (secret === undefined || secret === '')
      throw new UsageFailure(`The environment variable ${origin.env} is not set.`);
    return secret;
  }
  const path = resolve(folder, origin.file);
  const secret = (await boundedText(path, { bytesMax: SECRET_BYTES_MAX, name: origin.file })).replace(/\r?\n$/, '');
  if (secret === '') throw new UsageFailure(`${origin.file} is empty: it should have a secret.`);
  return secret;
}

/** Where it comes from, in words. */
export function originText(origin: SecretOrigin): string {
  return 'env' in origin ? `the environment variable ${origin.env}` : `the file ${origin.file}`;
}
