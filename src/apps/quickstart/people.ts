import { z } from 'zod';
import { newApiKeyView, principalView } from '../../contracts/principal.js';
import type { Role } from '../../domain/principal.js';
import { type ApiClient, connectApi } from '../../client/api-client.js';
import type { Environment } from './environment.js';
import { tailOf } from './processes.js';
import { runDoorwarden } from './programs.js';
import { unlessThere } from './unless-there.js';

/** One key for each role. */
export type Keys = Readonly<Record<Role, string>>;

const madeKey = z.object({ key: z.string() });

/** Makes the first operator the way an installation does, and lets the operator make the others. */
export async function makeKeys(api: string, env: Environment): Promise<Keys> {
  const operator = await makeOperatorKey(env);
  const asOperator = connectApi({ api, key: operator });
  const [approver, reviewer, agent] = await Promise.all([
    makeKey(asOperator, 'approver'),
    makeKey(asOperator, 'reviewer'),
    makeKey(asOperator, 'agent'),
  ]);
  return { operator, approver, reviewer, agent };
}

async function makeOperatorKey(env: Environment): Promise<string> {
  const args = ['keys', 'create', '--principal', nameOf('operator'), '--role', 'operator', '--label', 'quickstart'];
  const { exitCode, stdout, stderr } = await runDoorwarden(args, env);
  if (exitCode !== 0) throw new Error(tailOf(stderr));
  return madeKey.parse(JSON.parse(stdout)).key;
}

async function makeKey(asOperator: ApiClient, role: Role): Promise<string> {
  const name = nameOf(role);
  const wanted = { name, kind: role === 'agent' ? 'agent' : 'user', roles: [role] };
  await unlessThere(
    'principal_exists',
    () => asOperator.post('/v1/principals', wanted, principalView),
    () => asOperator.get(`/v1/principals/${name}`, principalView),
  );
  return (await asOperator.post(`/v1/principals/${name}/keys`, { label: 'quickstart' }, newApiKeyView)).key;
}

function nameOf(role: Role): string {
  return `quickstart-${role}`;
}
