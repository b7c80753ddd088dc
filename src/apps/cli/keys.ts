import { Command, Option } from 'commander';
import type { DataSource } from 'typeorm';
import { loadMigrateConfig } from '../../config/migrate.js';
import { apiKeyParams, principalRequest } from '../../contracts/principal.js';
import { CallerCache } from '../../control/identity/caller-cache.js';
import { PrincipalsService } from '../../control/identity/principals.service.js';
import { createLog } from '../../control/shared/log.js';
import { openState, StartError } from '../../control/shared/start.js';
import { PRINCIPAL_KINDS, type PrincipalKind, type Role, ROLES } from '../../domain/principal.js';
import { systemClock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { ApiKeyRepository } from '../../persistence/api-key.repository.js';
import { PrincipalRepository } from '../../persistence/principal.repository.js';

interface Wanted {
  readonly principal: string;
  readonly role: Role;
  readonly kind?: PrincipalKind;
  readonly label?: string;
}

/** `doorwarden keys …`: the first keys of an installation, and help when nobody has a key that works. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list and revoke API keys; needs only DATABASE_URL');
  keys
    .command('create')
    .description('Make a key, and its principal when there is none of that name; prints {principal, key} as JSON')
    .requiredOption('--principal <name>', 'whose key it is')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--kind <kind>', 'of a new principal; agent for the role agent, else user').choices(PRINCIPAL_KINDS),
    )
    .option('--label <text>', 'where the key is used')
    .action((wanted: Wanted) => withPrincipals((principals) => createKey(principals, wanted)));
  keys
    .command('list')
    .description('List the keys of a principal as JSON')
    .requiredOption('--principal <name>', 'whose keys')
    .action(({ principal }: Pick<Wanted, 'principal'>) =>
      withPrincipals(async (principals) => (await principals.listKeys(principal)).items),
    );
  keys
    .command('revoke')
    .description('Revoke a key; within five seconds it works nowhere')
    .requiredOption('--principal <name>', 'whose key it is')
    .requiredOption('--id <id>', 'the 8 characters between the underscores of the key')
    .action(({ principal: name, id }: { readonly principal: string; readonly id: string }) =>
      withPrincipals(async (principals) => {
        await principals.revokeKey(apiKeyParams.parse({ name, id }));
        return { principal: name, revoked: id };
      }),
    );
  return keys;
}

async function createKey(principals: PrincipalsService, { principal: name, role, kind, label }: Wanted) {
  await bringPrincipal(principals, { name, role, kind });
  const { key } = await principals.createKey(name, label === undefined ? {} : { label });
  return { principal: name, key };
}

/** Makes the principal, or makes sure that the one that is there has the role: nobody gets a role by accident. */
async function bringPrincipal(
  principals: PrincipalsService,
  { name, role, kind }: { readonly name: string; readonly role: Role; readonly kind: PrincipalKind | undefined },
): Promise<void> {
  try {
    const wanted = { name, kind: kind ?? (role === 'agent' ? 'agent' : 'user'), roles: [role] };
    await principals.create(principalRequest.parse(wanted));
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'principal_exists') throw error;
    const { roles } = await principals.find(name);
    if (!roles.includes(role)) {
      throw new BrokerError('principal_exists', { detail: `${name} is there with the roles ${roles.join(', ')}.` });
    }
  }
}

/** Runs on the state database alone, prints what comes back as JSON, and says in one line what went wrong. */
async function withPrincipals(work: (principals: PrincipalsService) => Promise<unknown>): Promise<void> {
  const config = loadMigrateConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const source = await openState(config, createLog('cli', 'silent'));
  try {
    process.stdout.write(`${JSON.stringify(await work(principalsOf(source)), null, 2)}\n`);
  } catch (error) {
    throw error instanceof BrokerError ? new StartError(error.sentence, { cause: error }) : error;
  } finally {
    await source.destroy();
  }
}

function principalsOf(source: DataSource): PrincipalsService {
  return new PrincipalsService(
    new PrincipalRepository(source),
    new ApiKeyRepository(source),
    new CallerCache(),
    systemClock,
  );
}
