import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from '../../../config/load.js';
import { readForm } from '../../../kernel/json-form.js';
import { systemErrorCode } from '../../../recording/write/system-error.js';
import { readPrivateFile } from '../private-files/private-file.js';
import { requireOwnFolder, toldWithPath } from '../private-files/private-folder.js';
import { UsageFailure } from '../terminal/conventions.js';
import { type Profile, PROFILES_FORM } from './profile.forms.js';

/** Brokers that this user of the machine has signed in to, by name, and the one that commands take if none is named. */
export interface Profiles {
  readonly current: string | null;
  readonly byName: ReadonlyMap<string, Profile>;
}

export const NO_PROFILES: Profiles = { current: null, byName: new Map() };

/** `$XDG_CONFIG_HOME/doorwarden`; a relative XDG_CONFIG_HOME counts for nothing, as its specification has it. */
export function profilesFolder(env: Environment): string {
  const named = env['XDG_CONFIG_HOME'] ?? '';
  return join(isAbsolute(named) ? named : join(env['HOME'] || homedir(), '.config'), 'doorwarden');
}

export function profilesPath(env: Environment): string {
  return join(profilesFolder(env), 'profiles.json');
}

/**
 * The profiles of this user; none where there is no file.
 * @throws UsageFailure for a file that others can read or change, or that is none of profiles
 */
export function readProfiles(env: Environment): Profiles {
  const path = profilesPath(env);
  const text = privateText(path, profilesFolder(env));
  return text === undefined ? NO_PROFILES : profilesIn(text, path);
}

export function profilesText({ current, byName }: Profiles): string {
  return `${JSON.stringify({ version: 1, current, profiles: Object.fromEntries(byName) }, undefined, 2)}\n`;
}

function profilesIn(text: string, path: string): Profiles {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    read = undefined; // told below, without what the file has: it may be a credential
  }
  const parsed = readForm(PROFILES_FORM, read);
  if (!parsed.success) {
    throw new UsageFailure(`${path} is no file of profiles that this version knows. Move it away and sign in again.`);
  }
  return { current: parsed.data.current, byName: new Map(Object.entries(parsed.data.profiles)) };
}

/** Undefined where there is none. */
function privateText(path: string, folder: string): string | undefined {
  try {
    requireOwnFolder(folder);
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw toldWithPath(path, 'read', cause);
  }
  return readPrivateFile(path);
}
