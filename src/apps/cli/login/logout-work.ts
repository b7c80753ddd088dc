import { ApiFailure } from '../../../client/api-failure.js';
import { shownLine } from '../../../domain/visible-text.js';
import { apiAt } from '../api-option.js';
import { profileNamed } from '../profiles/api-choice.js';
import { changeProfiles } from '../profiles/profile-change.js';
import { type Profiles, readProfiles } from '../profiles/profile-file.js';
import type { Profile } from '../profiles/profile.forms.js';
import { EXIT, runCommand, UsageFailure } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { endSession } from './end-session.js';

export interface LogoutOptions {
  readonly profile?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface LeftProfile {
  readonly profile: string;
  readonly api: string;
  /** Whether its session has ended at the broker; null: it was an API key. */
  readonly ended: boolean | null;
  readonly why: string | null;
}

/** Forgets profiles in any case, and says where the broker could not end the session. */
export async function logout(options: LogoutOptions): Promise<void> {
  await runCommand('logout', async () => {
    const profiles = readProfiles(process.env);
    const names = namesOf(options, profiles);
    const left: LeftProfile[] = [];
    for (const name of names) left.push(await leave(name, profileNamed(name, profiles)));
    await changeProfiles(process.env, (now) => without(now, names));
    printAnswer(options, { items: left }, () => textOf(left));
    if (left.some(({ ended }) => ended === false)) process.exitCode = EXIT.failed;
  });
}

function namesOf({ profile, all }: LogoutOptions, { current, byName }: Profiles): readonly string[] {
  if (all === true) {
    if (profile !== undefined) throw new UsageFailure('Give --all or --profile, not both.');
    return [...byName.keys()];
  }
  const name = profile ?? (process.env['DOORWARDEN_PROFILE'] || current);
  if (name === null) throw new UsageFailure('You are not signed in anywhere: there is no profile.');
  return [name];
}

async function leave(name: string, { api, credential, kind }: Profile): Promise<LeftProfile> {
  if (kind === 'key') return { profile: name, api, ended: null, why: null };
  try {
    await endSession(apiAt({ api, credential }));
    return { profile: name, api, ended: true, why: null };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return { profile: name, api, ended: false, why: error.message };
  }
}

function without({ current, byName }: Profiles, names: readonly string[]): Profiles {
  const kept = new Map([...byName].filter(([name]) => !names.includes(name)));
  return { current: current !== null && kept.has(current) ? current : null, byName: kept };
}

function textOf(left: readonly LeftProfile[]): string {
  if (left.length === 0) return 'You were not signed in anywhere.';
  return left.map((profile) => shownLine(lineOf(profile))).join('\n');
}

function lineOf({ profile, api, ended, why }: LeftProfile): string {
  if (ended === true) return `${profile}: the session at ${api} has ended, and the profile is forgotten.`;
  if (ended === null)
    return `${profile}: the profile is forgotten. Its API key at ${api} goes on working until it is revoked.`;
  return `${profile}: the profile is forgotten, and its session at ${api} ends by itself: the broker did not end it now. ${why ?? ''}`;
}
