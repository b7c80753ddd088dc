import { z } from 'zod';
import type { Environment } from '../../../config/load.js';
import { type ApiClient, baseOf } from '../../../client/api-client.js';
import { meView, type MeView } from '../../../contracts/sign-in/session.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiAt } from '../api-option.js';
import { FROM_ENV_FILE } from '../env-file-names.js';
import { addressOf, type ApiOptions } from '../profiles/api-choice.js';
import { changeProfiles } from '../profiles/profile-change.js';
import { type Profiles, readProfiles } from '../profiles/profile-file.js';
import { PROFILE_NAME } from '../profiles/profile-name.js';
import type { Profile } from '../profiles/profile.forms.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { runCommand, UsageFailure } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { letInByBrowser } from './device-login.js';
import { endSession } from './end-session.js';
import { typedKey } from './typed-key.js';

export interface LoginOptions extends AnswerOptions {
  readonly browser: boolean;
  readonly withKey?: boolean;
}

/** Asks for a credential, sees that it works, and keeps it as a profile. */
export async function login(options: LoginOptions): Promise<void> {
  await runCommand('login', async () => {
    const { env } = process;
    const before = readProfiles(env); // what cannot be kept is not asked for
    const api = baseOf(apiFor(options, env, before));
    const name = nameFor(options, env, { api, profiles: before });
    const isByKey = options.withKey === true;
    const credential = isByKey ? await typedKey() : await letInByBrowser(api, options);
    const client = apiAt({ api, credential });
    const me = await client.get('/v1/me', meView);
    const { principal } = me;
    const profile: Profile = { api, credential, kind: isByKey ? 'key' : 'session', principal: principal.name };
    const isCurrent = await keep(profile, {
      name,
      isNamed: (options.profile ?? env['DOORWARDEN_PROFILE'] ?? '') !== '',
      client,
      env,
    });
    await endFormer(before.byName.get(name), profile);
    const answer = {
      profile: name,
      current: isCurrent,
      api,
      principal: principal.name,
      roles: me.roles,
      endsAt: endOf(me),
    };
    printAnswer(options, answer, () => textOf(me, { name, api, isCurrent }));
  });
}

interface KeptAs {
  readonly name: string;
  readonly isNamed: boolean;
  readonly client: ApiClient;
  readonly env: Environment;
}

/** Whether it is the current one now. A session that cannot be kept is ended: nobody could use it. */
async function keep(profile: Profile, { name, isNamed, client, env }: KeptAs): Promise<boolean> {
  let current: string | null = null;
  try {
    await changeProfiles(env, (now) => {
      const isFirst = now.current === null || !now.byName.has(now.current);
      current = isFirst || !isNamed ? name : now.current;
      return { current, byName: new Map(now.byName).set(name, profile) };
    });
  } catch (error) {
    if (profile.kind === 'session') await endSession(client).catch(() => undefined); // it ends by itself, too
    throw error;
  }
  return current === name;
}

/** The session that the profile had before is nobody's any more. */
async function endFormer(former: Profile | undefined, { credential }: Profile): Promise<void> {
  if (former === undefined || former.kind !== 'session' || former.credential === credential) return;
  await endSession(apiAt(former)).catch(() => undefined); // it ends by itself
}

/** A profile that exists is signed in again at its own broker, unless another one is named. */
function apiFor(options: ApiOptions, env: Environment, { byName }: Profiles): string {
  const known = options.profile === undefined ? undefined : byName.get(options.profile);
  if (options.api !== undefined) return options.api;
  if (known !== undefined) return known.api;
  if (FROM_ENV_FILE.has('DOORWARDEN_API')) {
    // Where somebody signs in, a folder does not say: they would show their key to anybody.
    throw new UsageFailure('DOORWARDEN_API comes from the file .env here. Say with --api where you want to sign in.');
  }
  const isNew = options.profile !== undefined || !byName.has(env['DOORWARDEN_PROFILE'] ?? '');
  return addressOf({}, isNew ? { ...env, DOORWARDEN_PROFILE: undefined } : env);
}

/** A profile of another broker is not overwritten unless it is named. @throws UsageFailure for a name that is none */
function nameFor(
  { profile }: ApiOptions,
  env: Environment,
  { api, profiles }: { readonly api: string; readonly profiles: Profiles },
): string {
  const named = profile ?? (env['DOORWARDEN_PROFILE'] || undefined);
  if (named !== undefined) {
    if (PROFILE_NAME.test(named)) return named;
    throw new UsageFailure(`${JSON.stringify(named)} is no name of a profile: use letters, digits and . _ -`);
  }
  const { current, byName } = profiles;
  if (current !== null && byName.get(current)?.api === api) return current;
  const known = [...byName].find(([, { api: other }]) => other === api)?.[0];
  if (known !== undefined) return known;
  return byName.has('default') ? hostOf(api) : 'default';
}

function hostOf(api: string): string {
  const host = URL.canParse(api) ? new URL(api).host.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^-/, '') : '';
  return z.string().regex(PROFILE_NAME).catch('other').parse(host);
}

/** When it ends at the latest; null: an API key. */
function endOf({ limits, signIn }: MeView): string | null {
  return signIn.by === 'device' ? (limits.session?.latestEndsAt ?? null) : null;
}

function textOf(
  me: MeView,
  { name, api, isCurrent }: { readonly name: string; readonly api: string; readonly isCurrent: boolean },
): string {
  const { principal, roles } = me;
  const until = endOf(me);
  const who = `You are ${principal.name} (${roles.join(', ')}) at ${api}${until === null ? '' : `, until ${until} at the latest`}.`;
  const kept = isCurrent
    ? `Commands take the profile ${name} from now on.`
    : `Use it with --profile ${name}, or for all commands after: doorwarden profiles use ${name}`;
  return `${shownLine(who)}\n${kept}`;
}
