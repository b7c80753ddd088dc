import 'reflect-metadata';
import { loadMigrateConfig } from '../../../config/migrate.js';
import { AdminRecord } from '../../../control/record/admin-record.js';
import { LINK_MINUTES, SignInLinks } from '../../../control/sign-in/sign-in-links.js';
import { systemClock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { createLog } from '../../../kernel/log.js';
import { IdentityProviderRepository } from '../../../persistence/identity/identity-provider.repository.js';
import { PrincipalRepository } from '../../../persistence/identity/principal.repository.js';
import { SignInLinkRepository } from '../../../persistence/identity/sign-in-link.repository.js';
import { AdminRecordRepository } from '../../../persistence/record/admin-record.repository.js';
import type { StateSource } from '../../../persistence/state/data-source.js';
import { StartError } from '../../../start/start-error.js';
import { openState } from '../../../start/start.js';
import { DEFAULT_API } from '../../../client/environment.js';
import { runCommand, UsageFailure } from '../terminal/conventions.js';
import { jsonText } from '../terminal/json-text.js';

export interface LinkOptions {
  readonly principal: string;
  readonly anyAddress?: boolean;
  readonly api?: string;
  readonly json?: boolean;
}

/** Makes a link and prints it: the only time that anybody sees it. Runs on the state database alone. */
export async function printSignInLink({ principal: name, anyAddress = false, api, json }: LinkOptions): Promise<void> {
  const config = loadMigrateConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const source = await openState(config, createLog('cli', 'silent'));
  try {
    await runCommand('sign-in-link', async () => {
      const principal = await new PrincipalRepository(source).findByName(name);
      if (principal === undefined) throw new BrokerError('principal_not_found');
      const origin = originOf(api);
      const path = await linksOf(source).make({ principal, anyAddress, by: 'command-line' });
      const link = `${origin}${path}`;
      const answer = { principal: name, link, minutes: LINK_MINUTES, anyAddress };
      process.stdout.write(`${json === true || !process.stdout.isTTY ? jsonText(answer) : textOf(link, anyAddress)}\n`);
    });
  } catch (error) {
    throw error instanceof BrokerError ? new StartError(error.sentence, { cause: error }) : error;
  } finally {
    await source.destroy();
  }
}

function textOf(link: string, anyAddress: boolean): string {
  const where = anyAddress ? 'from any address' : 'on the machine of the api alone';
  return `${link}\nIt works once, within ${LINK_MINUTES} minutes, ${where}. This is the only time that it is shown.`;
}

/** @throws UsageFailure */
function originOf(api: string | undefined): string {
  const named = api ?? process.env['PUBLIC_URL'] ?? process.env['DOORWARDEN_API'] ?? '';
  const address = named === '' ? DEFAULT_API : named;
  if (!/^https?:\/\//.test(address) || !URL.canParse(address))
    throw new UsageFailure(`${address} is no address of an api.`);
  return new URL(address).origin;
}

function linksOf(source: StateSource): SignInLinks {
  return new SignInLinks(
    new PrincipalRepository(source),
    new SignInLinkRepository(source),
    new IdentityProviderRepository(source),
    new AdminRecord(new AdminRecordRepository(source)),
    systemClock,
  );
}
