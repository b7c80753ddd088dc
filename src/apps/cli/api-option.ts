import { Option } from 'commander';
import { type ApiClient, connectApi } from '../../client/api-client.js';
import { ApiFailure } from '../../client/api-failure.js';

/** Where an api listens whose settings say nothing else. */
export const DEFAULT_API = 'http://127.0.0.1:8080';

/** `--api URL`, with its fallbacks; every command that talks to the API has it. */
export function apiOption(): Option {
  return new Option('--api <url>', 'the address of the API; DOORWARDEN_API_KEY holds the key')
    .env('DOORWARDEN_API')
    .default(DEFAULT_API);
}

/**
 * The API that a command's `--api` and its environment name. The key never stands on a command line, where every process
 * can read it. @throws ApiFailure
 */
export function apiOf(api: string, env: Readonly<Record<string, string | undefined>>): ApiClient {
  const key = env['DOORWARDEN_API_KEY'];
  if (key === undefined || key === '') {
    throw new ApiFailure('Set DOORWARDEN_API_KEY to your API key. An operator can make one for you.', null);
  }
  return connectApi({ api, key });
}
