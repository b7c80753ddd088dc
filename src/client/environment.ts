import { ApiFailure } from './api-failure.js';
import { credentialOfFile } from './credential-file.js';
import type { DoorwardenAddress } from './doorwarden-client.js';

/** Where an api listens whose settings say nothing else. */
export const DEFAULT_API = 'http://127.0.0.1:8080';

/**
 * What the environment says of the broker: `DOORWARDEN_API`, and `DOORWARDEN_API_KEY` or `DOORWARDEN_TOKEN_FILE`.
 * @throws ApiFailure when it names no credential, or two
 */
export function addressOfEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Pick<DoorwardenAddress, 'api' | 'credential'> {
  const [api, key, file] = ['DOORWARDEN_API', 'DOORWARDEN_API_KEY', 'DOORWARDEN_TOKEN_FILE'].map(
    (name) => env[name] || undefined,
  );
  if (key !== undefined && file !== undefined) {
    throw new ApiFailure('DOORWARDEN_API_KEY and DOORWARDEN_TOKEN_FILE are both set. Set the one that is meant.', null);
  }
  const credential = file === undefined ? key : credentialOfFile(file);
  if (credential === undefined) {
    const next = 'Set DOORWARDEN_API_KEY to the key of an agent, or DOORWARDEN_TOKEN_FILE to the file of its token.';
    throw new ApiFailure(`The environment does not say who calls. ${next}`, null);
  }
  return { api: api ?? DEFAULT_API, credential };
}
