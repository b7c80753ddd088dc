import { ApiFailure } from '../../../client/api-failure.js';
import type { GrantClient } from '../../../client/grant-client.js';
import type { GrantRequest } from '../../../contracts/grant.js';
import { ACCESS_RULES_MAX, type OnHold, TTL_SECONDS_MAX } from '../../../domain/grant.js';
import { accessOfTables, needsDatabase } from '../../../protocols/sql/access-of-tables.js';
import type { ApiOptions } from '../profiles/api-choice.js';
import { UsageFailure } from '../terminal/conventions.js';

/** What `run`, `connect` and `exec` are told of the grant that they ask for. */
export interface AskedGrantOptions extends ApiOptions {
  readonly task: string;
  readonly reference?: string;
  readonly read?: readonly string[];
  readonly write?: readonly string[];
  readonly access?: GrantRequest['access'];
  readonly ttl: number;
  readonly onHold: OnHold;
}

/** What holds where an option is not given; a time as it is typed. */
export const GRANT_DEFAULTS = { ttl: '30m', onHold: 'wait' } as const;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The request; asks the API for the target's default database where a table is typed without one. */
export async function grantRequestOf(
  target: string,
  options: AskedGrantOptions,
  client: Pick<GrantClient, 'getTarget'>,
): Promise<GrantRequest> {
  const { task: title, reference, ttl, onHold } = options;
  const access = options.access ?? (await accessOf(target, options, client));
  return {
    target,
    task: { title, ...(reference === undefined ? {} : { reference }) },
    ttlSeconds: ttl,
    onHold,
    ...(access === undefined ? {} : { access: access.map((rule) => ({ ...rule })) }),
  };
}

async function accessOf(
  target: string,
  { read = [], write = [] }: AskedGrantOptions,
  client: Pick<GrantClient, 'getTarget'>,
): Promise<readonly object[] | undefined> {
  const typed = { read, write };
  if (read.length + write.length === 0) return undefined;
  const isDatabaseNeeded = needsDatabase(typed);
  const database = isDatabaseNeeded ? await defaultDatabaseOf(target, client) : null;
  const rules = accessOfTables(typed, database);
  if (rules.length > ACCESS_RULES_MAX) {
    throw new UsageFailure(
      `A grant has at most ${ACCESS_RULES_MAX} rules. Name whole databases with shop.*, or use --access.`,
    );
  }
  return rules;
}

async function defaultDatabaseOf(target: string, client: Pick<GrantClient, 'getTarget'>): Promise<string> {
  try {
    const { defaultDatabase } = await client.getTarget(target);
    if (defaultDatabase !== null) return defaultDatabase;
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 'target_not_found') throw error;
    throw new UsageFailure(`There is no target ${JSON.stringify(target)}. Run: doorwarden targets`);
  }
  throw new UsageFailure(
    `The target ${target} has no default database. Name the tables with theirs, such as shop.orders.`,
  );
}

/** The rules of `--access`; undefined for a text that has none, or too many. */
export function accessRulesIn(text: string): AskedGrantOptions['access'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const rules: readonly unknown[] = Array.isArray(value) ? value : [value];
  return rules.length >= 1 && rules.length <= ACCESS_RULES_MAX && rules.every(isRule) ? [...rules] : undefined;
}

/** What is in it is the target's protocol to say. */
function isRule(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The seconds of `--ttl`; undefined for a text that is no time, or one longer than any grant. */
export function ttlSecondsIn(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
  return seconds >= 1 && seconds <= TTL_SECONDS_MAX ? seconds : undefined;
}
