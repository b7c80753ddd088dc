import type { Environment } from '../../../config/load.js';
import type { ApiCredential } from '../../../client/api-call.js';
import { ApiFailure } from '../../../client/api-failure.js';
import { credentialOfFile } from '../../../client/credential-file.js';
import { DEFAULT_API } from '../../../client/environment.js';
import { FROM_ENV_FILE } from '../env-file-names.js';
import { UsageFailure } from '../terminal/conventions.js';
import { type Profiles, readProfiles } from './profile-file.js';
import type { Profile } from './profile.forms.js';

/** What a command's options say of the broker; the environment says the rest. */
export interface ApiOptions {
  readonly api?: string;
  readonly profile?: string;
}

/** The broker that a command talks to, and as whom. */
export interface ApiChoice {
  /** Its address, without a slash at its end. */
  readonly api: string;
  /** What is shown to it. Asked before each call: a file of a token is read again. */
  readonly credential: Exclude<ApiCredential, string>;
  readonly by: 'key' | 'token-file' | 'profile';
  /** The profile that the credential is of. */
  readonly profile: string | null;
}

/**
 * The address that a command talks to: of `--api`, else of `--profile`, else DOORWARDEN_API, else of the profile that
 * DOORWARDEN_PROFILE or the user chose, else this machine. @throws UsageFailure
 */
export function addressOf(options: ApiOptions, env: Environment): string {
  const profiles = lazily(() => readProfiles(env));
  return addressIn(options, env, profiles).address;
}

/**
 * The broker and the credential that the options, the environment and the profiles of this user name, in this order. A
 * profile's credential goes nowhere but to the profile's own address.
 * @throws UsageFailure when they contradict each other; ApiFailure when there is no credential
 */
export function apiChoice(options: ApiOptions, env: Environment): ApiChoice {
  const profiles = lazily(() => readProfiles(env));
  if (options.profile !== undefined) {
    const { address, profile } = addressIn(options, env, profiles);
    return { api: address, credential: () => profile?.credential ?? '', by: 'profile', profile: options.profile };
  }
  if (options.api === undefined) requireNoOtherOfFile(env, profiles);
  const given = credentialOfEnvironment(env);
  const { address } = addressIn(options, env, profiles);
  return given === undefined ? ofProfiles(address, env, profiles()) : { api: address, ...given, profile: null };
}

function addressIn(
  { api, profile: named }: ApiOptions,
  env: Environment,
  profiles: () => Profiles,
): { readonly address: string; readonly profile?: Profile } {
  if (named !== undefined) {
    const profile = profileNamed(named, profiles());
    if (api !== undefined && withoutSlash(api) !== profile.api) {
      throw new UsageFailure(`The profile ${named} is of ${profile.api}. Give --api or --profile, not both.`);
    }
    return { address: profile.api, profile };
  }
  const said = api ?? valueOf(env, 'DOORWARDEN_API');
  if (said !== undefined) return { address: withoutSlash(said) };
  return { address: chosenProfile(env, profiles())?.profile.api ?? DEFAULT_API };
}

const CHOOSING = ['DOORWARDEN_API', 'DOORWARDEN_API_KEY', 'DOORWARDEN_TOKEN_FILE'] as const;

/**
 * Somebody who has signed in expects their own broker wherever they are: the file `.env` of a folder, which may have come
 * with a repository, does not choose another one, nor another credential. @throws UsageFailure
 */
function requireNoOtherOfFile(env: Environment, profiles: () => Profiles): void {
  const [name] = CHOOSING.filter((one) => FROM_ENV_FILE.has(one) && valueOf(env, one) !== undefined);
  const isChosen = valueOf(env, 'DOORWARDEN_API') !== undefined && !FROM_ENV_FILE.has('DOORWARDEN_API');
  if (name === undefined || isChosen) return;
  const chosen = chosenProfile(env, profiles());
  if (chosen === undefined) return;
  throw new UsageFailure(
    `${name} comes from the file .env here, and your profile is ${chosen.name}. Say which you mean: --profile ${chosen.name}, or --api, or set ${name} in the environment itself.`,
  );
}

/** @throws UsageFailure when there are two: nobody would know as whom the call was meant */
function credentialOfEnvironment(env: Environment): Pick<ApiChoice, 'credential' | 'by'> | undefined {
  const key = valueOf(env, 'DOORWARDEN_API_KEY');
  const path = valueOf(env, 'DOORWARDEN_TOKEN_FILE');
  if (key !== undefined && path !== undefined) {
    throw new UsageFailure('DOORWARDEN_API_KEY and DOORWARDEN_TOKEN_FILE are both set. Unset one of them.');
  }
  if (key !== undefined) return { credential: () => key, by: 'key' };
  return path === undefined ? undefined : { credential: credentialOfFile(path), by: 'token-file' };
}

function ofProfiles(api: string, env: Environment, profiles: Profiles): ApiChoice {
  const chosen = chosenProfile(env, profiles);
  if (chosen?.profile.api === api) {
    return { api, credential: () => chosen.profile.credential, by: 'profile', profile: chosen.name };
  }
  const others = [...profiles.byName].filter(([, profile]) => profile.api === api).map(([name]) => name);
  const [other] = others;
  throw new ApiFailure(
    other === undefined
      ? `You are not signed in at ${api}. Run: doorwarden login --api ${api}; or set DOORWARDEN_API_KEY or DOORWARDEN_TOKEN_FILE.`
      : `You are signed in at ${api} as the profile ${others.join(', ')}. Add: --profile ${other}`,
    null,
  );
}

function chosenProfile(env: Environment, profiles: Profiles): { name: string; profile: Profile } | undefined {
  const named = valueOf(env, 'DOORWARDEN_PROFILE');
  if (named !== undefined) return { name: named, profile: profileNamed(named, profiles) };
  const { current } = profiles;
  const profile = current === null ? undefined : profiles.byName.get(current);
  return current === null || profile === undefined ? undefined : { name: current, profile };
}

/** @throws UsageFailure when there is none */
export function profileNamed(name: string, profiles: Profiles): Profile {
  const profile = profiles.byName.get(name);
  if (profile !== undefined) return profile;
  const known = [...profiles.byName.keys()];
  const hint = known.length === 0 ? 'There are none.' : `There are: ${known.join(', ')}.`;
  throw new UsageFailure(`There is no profile ${JSON.stringify(name)}. ${hint} doorwarden login --profile makes one.`);
}

/** An empty variable counts as not set. */
function valueOf(env: Environment, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name];
}

export function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}

function lazily<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= read());
}
