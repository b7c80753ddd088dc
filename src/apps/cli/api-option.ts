import { type Command, Option } from 'commander';
import { type ApiClient, connectApi } from '../../client/api-client.js';
import type { DoorwardenAddress } from '../../client/doorwarden-client.js';
import { DEFAULT_API } from '../../client/environment.js';
import { lightFetch } from './light-fetch.js';
import { apiChoice, type ApiOptions } from './profiles/api-choice.js';
import type { Environment } from '../../config/load.js';

/** `--api URL`; without it the environment and the profiles say where the broker is. */
export function apiOption(): Option {
  return new Option('--api <url>', `the address of the API; default: DOORWARDEN_API, the profile, ${DEFAULT_API}`);
}

/** Gives a command `--api` and `--profile`; every command that talks to the API has both. */
export function withApi(command: Command): Command {
  return command
    .addOption(apiOption())
    .option(
      '--profile <name>',
      'the broker and credential of this profile; default: DOORWARDEN_PROFILE, the current one',
    );
}

/**
 * The API that a command's options, its environment and the profiles of this user name. A credential never stands on a
 * command line, where every process can read it. @throws ApiFailure, UsageFailure
 */
export function apiOf(options: ApiOptions, env: Environment): ApiClient {
  return apiAt(apiChoice(options, env));
}

/** The API at an address, for the one whose credential it is. @throws ApiFailure for an address that is none */
export function apiAt({ api, credential }: Pick<DoorwardenAddress, 'api' | 'credential'>): ApiClient {
  return connectApi({ api, key: credential, fetch: lightFetch() });
}
