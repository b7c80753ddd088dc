import 'reflect-metadata';
import { z } from 'zod';
import { loadMigrateConfig } from '../../../config/migrate.js';
import {
  type ApiKeyList,
  apiKeyParams,
  apiKeyRequest,
  principalRequest,
  type PrincipalView,
} from '../../../contracts/identity/principal.js';
import { CallerCache } from '../../../control/identity/caller-cache.js';
import { KeyMaker } from '../../../control/identity/key-maker.js';
import { PrincipalsService } from '../../../control/identity/principals.service.js';
import { AdminRecord } from '../../../control/record/admin-record.js';
import { createLog } from '../../../kernel/log.js';
import { StartError } from '../../../start/start-error.js';
import { openState } from '../../../start/start.js';
import type { PrincipalKind, Role } from '../../../domain/principal.js';
import { systemClock } from '../../../kernel/clock.js';
import { BrokerError } from '../../../kernel/errors.js';
import { ApiKeyRepository } from '../../../persistence/identity/api-key.repository.js';
import { KeyRequestRepository } from '../../../persistence/identity/key-request.repository.js';
import type { StateSource } from '../../../persistence/state/data-source.js';
import { AdminRecordRepository } from '../../../persistence/record/admin-record.repository.js';
import { PersonRepository } from '../../../persistence/identity/person.repository.js';
import { PrincipalRepository } from '../../../persistence/identity/principal.repository.js';
import { confirm, runCommand } from '../terminal/conventions.js';
import { jsonText } from '../terminal/json-text.js';
import { screenTable } from '../terminal/screen-table.js';
import { expiryTime } from './expiry-time.js';
import { theOne } from '../terminal/short-id.js';

const KEY_ID_CHARACTERS = 8;

export interface Output {
  readonly json?: boolean;
}

export interface RevokedKey extends Output {
  readonly principal: string;
  readonly id: string;
  readonly yes?: boolean;
}

export interface WantedKey extends Output {
  readonly principal: string;
  readonly role: Role;
  readonly kind?: PrincipalKind;
  readonly group?: readonly string[];
  readonly label?: string;
  readonly expires?: string;
  readonly scope?: readonly string[];
}

export async function printNewKey(wanted: WantedKey): Promise<void> {
  const { principal: name, role, kind, group = [], label, expires, scope } = wanted;
  const expiresAt = expires === undefined ? undefined : expiryTime(expires, systemClock.nowMs());
  await withPrincipals(async (principals, maker) => {
    await bringPrincipal(principals, { name, role, kind, groups: group });
    const { key } = await maker.make(name, apiKeyRequest.parse({ label, expiresAt, scope }), null);
    print(
      wanted,
      { principal: name, key },
      () => `${key}\nThis is the only time that the key is shown. Set DOORWARDEN_API_KEY to it.`,
    );
  });
}

export async function printKeys(name: string, output: Output): Promise<void> {
  await withPrincipals(async (principals) => {
    const { items } = await principals.listKeys(name);
    print(output, items, () => keysTable(items));
  });
}

export async function revokeKey({ principal: name, id: typed, ...options }: RevokedKey): Promise<void> {
  await withPrincipals(async (principals) => {
    const { items } = await principals.listKeys(name);
    const id =
      typed.length < KEY_ID_CHARACTERS
        ? theOne(
            typed,
            items.map((key) => key.id),
          )
        : typed;
    await confirm(
      `Revoke the key ${id} of ${name}? Within five seconds the broker refuses every call that uses it.`,
      options,
    );
    await principals.revokeKey(apiKeyParams.parse({ name, id }), 'command-line');
    print(options, { principal: name, revoked: id }, () => `The key ${id} of ${name} is revoked.`);
  });
}

function keysTable(keys: ApiKeyList['items']): string {
  const rows = keys.map(({ id, label, createdAt, lastUsedAt, expiresAt, revokedAt, scope }) => [
    id,
    label ?? '',
    createdAt,
    lastUsedAt ?? 'never',
    expiresAt ?? 'never',
    revokedAt ?? '',
    scope?.join(' ') ?? '',
  ]);
  return screenTable(['id', 'label', 'created at', 'last used at', 'ends at', 'revoked at', 'scope'], rows);
}

function print({ json }: Output, answer: unknown, text: () => string): void {
  process.stdout.write(`${json === true || !process.stdout.isTTY ? jsonText(answer) : text()}\n`);
}

/** Makes the principal, or makes sure that the one that is there has the role and the groups: nobody gets one by accident. */
async function bringPrincipal(
  principals: PrincipalsService,
  { name, role, kind, groups }: WantedPrincipal,
): Promise<void> {
  try {
    const wanted = { name, kind: kind ?? (role === 'agent' ? 'agent' : 'user'), roles: [role], groups };
    await principals.create(principalRequest.parse(wanted), 'command-line');
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

/** Runs on the state database alone, and says in one line what went wrong. */
async function withPrincipals(work: (principals: PrincipalsService, maker: KeyMaker) => Promise<void>): Promise<void> {
  const config = loadMigrateConfig({ ...process.env, START_WAIT_SECONDS: process.env['START_WAIT_SECONDS'] ?? '3' });
  const source = await openState(config, createLog('cli', 'silent'));
  try {
    await runCommand('keys', () => work(principalsOf(source), keyMakerOf(source)));
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
    new PersonRepository(source),
    new ApiKeyRepository(source),
    new CallerCache(),
    recordOf(source),
    { changed: () => undefined }, // Redis is not needed here: the apis learn of it within seconds
    systemClock,
  );
}

function recordOf(source: StateSource): AdminRecord {
  return new AdminRecord(new AdminRecordRepository(source));
}

/** There is no log to tell of a key here; its owner sees it on the approval screen. */
function keyMakerOf(source: StateSource): KeyMaker {
  return new KeyMaker(
    new PrincipalRepository(source),
    new ApiKeyRepository(source),
    new KeyRequestRepository(source),
    recordOf(source),
    { announce: () => undefined },
    systemClock,
  );
}
