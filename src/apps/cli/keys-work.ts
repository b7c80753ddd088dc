import 'reflect-metadata';
import { z } from 'zod';
import { loadMigrateConfig } from '../../config/migrate.js';
import { apiKeyParams, apiKeyRequest, principalRequest, type PrincipalView } from '../../contracts/principal.js';
import { CallerCache } from '../../control/identity/caller-cache.js';
import { PrincipalsService } from '../../control/identity/principals.service.js';
import { createLog } from '../../control/shared/log.js';
import { StartError } from '../../control/shared/start-error.js';
import { openState } from '../../control/shared/start.js';
import type { PrincipalKind, Role } from '../../domain/principal.js';
import { systemClock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { ApiKeyRepository } from '../../persistence/api-key.repository.js';
import type { StateSource } from '../../persistence/data-source.js';
import { PrincipalRepository } from '../../persistence/principal.repository.js';

export interface WantedKey {
  readonly principal: string;
  readonly role: Role;
  readonly kind?: PrincipalKind;
  readonly group?: readonly string[];
  readonly label?: string;
}

export async function printNewKey({ principal: name, role, kind, group = [], label }: WantedKey): Promise<void> {
  await withPrincipals(async (principals) => {
    await bringPrincipal(principals, { name, role, kind, groups: group });
    const { key } = await principals.createKey(name, apiKeyRequest.parse({ label }));
    return { principal: name, key };
  });
}

export async function printKeys(name: string): Promise<void> {
  await withPrincipals(async (principals) => (await principals.listKeys(name)).items);
}

export async function revokeKey(name: string, id: string): Promise<void> {
  await withPrincipals(async (principals) => {
    await principals.revokeKey(apiKeyParams.parse({ name, id }));
    return { principal: name, revoked: id };
  });
}

/** Makes the principal, or makes sure that the one that is there has the role and the groups: nobody gets one by accident. */
async function bringPrincipal(
  principals: PrincipalsService,
  { name, role, kind, groups }: WantedPrincipal,
): Promise<void> {
  try {
    const wanted = { name, kind: kind ?? (role === 'agent' ? 'agent' : 'user'), roles: [role], groups };
    await principals.create(principalRequest.parse(wanted));
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'principal_exists') throw error;
    const there = await principals.find(name);
    if (!there.roles.includes(role) || groups.some((group) => !there.groups.includes(group))) {
      throw new BrokerError('principal_exists', { detail: `${name} is there with ${rightsOf(there)}.` });
    }
  }
}

interface WantedPrincipal {
  readonly name: string;
  readonly role: Role;
  readonly kind: PrincipalKind | undefined;
  readonly groups: readonly string[];
}

function rightsOf({ roles, groups }: Pick<PrincipalView, 'roles' | 'groups'>): string {
  return `the roles ${roles.join(', ')}${groups.length === 0 ? '' : ` and the groups ${groups.join(', ')}`}`;
}

/** Runs on the state database alone, prints what comes back as JSON, and says in one line what went wrong. */
async function withPrincipals(work: (principals: PrincipalsService) => Promise<unknown>): Promise<void> {
  const config = loadMigrateConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const source = await openState(config, createLog('cli', 'silent'));
  try {
    process.stdout.write(`${JSON.stringify(await work(principalsOf(source)), null, 2)}\n`);
  } catch (error) {
    if (error instanceof BrokerError) throw new StartError(error.sentence, { cause: error });
    throw error instanceof z.ZodError ? new StartError(z.prettifyError(error), { cause: error }) : error;
  } finally {
    await source.destroy();
  }
}

function principalsOf(source: StateSource): PrincipalsService {
  return new PrincipalsService(
    new PrincipalRepository(source),
    new ApiKeyRepository(source),
    new CallerCache(),
    systemClock,
  );
}
