import { runCommand } from '../terminal/conventions.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { profileNamed } from './api-choice.js';
import { changeProfiles } from './profile-change.js';
import { type Profiles, readProfiles } from './profile-file.js';

export interface ProfilesOptions {
  readonly json?: boolean;
}

export async function list(options: ProfilesOptions): Promise<void> {
  await runCommand('profiles', async () => {
    const profiles = readProfiles(process.env);
    printAnswer(options, shownProfiles(profiles), () => tableOf(profiles));
  });
}

export async function use(name: string, options: ProfilesOptions): Promise<void> {
  await runCommand('profiles', async () => {
    await changeProfiles(process.env, (now) => {
      profileNamed(name, now);
      return { ...now, current: name };
    });
    const profiles = readProfiles(process.env);
    printAnswer(options, shownProfiles(profiles), () => `Commands take the profile ${name} from now on.`);
  });
}

/** Without what is shown to the brokers. */
function shownProfiles({ current, byName }: Profiles): object {
  const items = [...byName].map(([name, { api, principal, kind }]) => ({
    name,
    current: name === current,
    api,
    principal,
    kind,
  }));
  return { items };
}

function tableOf({ current, byName }: Profiles): string {
  if (byName.size === 0) return 'There is no profile. Make one with: doorwarden login --api URL';
  const rows = [...byName].map(([name, { api, principal, kind }]) => [
    name === current ? '*' : '',
    name,
    api,
    principal,
    kind === 'key' ? 'API key' : 'session',
  ]);
  return screenTable(['', 'name', 'broker', 'as', 'by'], rows);
}
