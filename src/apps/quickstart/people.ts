import { z } from 'zod';
import { newApiKeyView, principalView } from '../../contracts/identity/principal.js';
import type { Role } from '../../domain/principal.js';
import { type ApiClient, connectApi } from '../../client/api-client.js';
import type { Environment } from './environment.js';
import { tailOf } from './processes.js';
import { runDoorwarden } from './programs.js';
import { unlessThere } from './unless-there.js';

/** One key for each role. */
export type Keys = Readonly<Record<Role, string>>;

const madeKey = z.object({ key: z.string() });
const madeLink = z.object({ link: z.string() });

/** The first operator's key, made the way an installation does: before the api starts, so that it needs no first link. */
export async function makeOperatorKey(env: Environment): Promise<string> {
  const args = [
    'keys',
    'create',
    '--principal',
    principalNameOf('operator'),
    '--role',
    'operator',
    '--label',
    'quickstart',
  ];
  const { exitCode, stdout, stderr } = await runDoorwarden(args, env);
  if (exitCode !== 0) throw new Error(tailOf(stderr));
  return madeKey.parse(JSON.parse(stdout)).key;
}

/** One-time links that sign people in, one for each role that may. */
export type SignInLinks = Readonly<Record<Exclude<Role, 'agent'>, string>>;

/** Undefined where the user's state database has an identity provider: then no link works. */
export async function makeSignInLinks(api: string, env: Environment): Promise<SignInLinks | undefined> {
  const make = (role: Role): Promise<string | undefined> => makeSignInLink(api, env, role);
  const [operator, approver, reviewer] = await Promise.all([make('operator'), make('approver'), make('reviewer')]);
  if (operator === undefined || approver === undefined || reviewer === undefined) return undefined;
  return { operator, approver, reviewer };
}

/** One link; undefined as above. */
export async function makeSignInLink(api: string, env: Environment, role: Role): Promise<string | undefined> {
  const args = ['sign-in-link', '--principal', principalNameOf(role), '--api', api];
  const { exitCode, stdout, stderr } = await runDoorwarden(args, env);
  if (exitCode !== 0 && stderr.includes('(link_invalid)')) return undefined;
  if (exitCode !== 0) throw new Error(tailOf(stderr));
  return madeLink.parse(JSON.parse(stdout)).link;
}

/** Lets the operator make the other principals and their keys. */
export async function makeKeys(api: string, operator: string): Promise<Keys> {
  const asOperator = connectApi({ api, key: operator });
  const [approver, reviewer, agent] = await Promise.all([
    makeKey(asOperator, 'approver'),
    makeKey(asOperator, 'reviewer'),
    makeKey(asOperator, 'agent'),
  ]);
  return { operator, approver, reviewer, agent };
}

async function makeKey(asOperator: ApiClient, role: Role): Promise<string> {
  const name = principalNameOf(role);
  const wanted = { name, kind: role === 'agent' ? 'agent' : 'user', roles: [role] };
  await unlessThere(
    'principal_exists',
    () => asOperator.post('/v1/principals', wanted, principalView),
    () => asOperator.get(`/v1/principals/${name}`, principalView),
  );
  return (await asOperator.post(`/v1/principals/${name}/keys`, { label: 'quickstart' }, newApiKeyView)).key;
}

/** The principal of a role. */
export function principalNameOf(role: Role): string {
  return `quickstart-${role}`;
}
