import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { DoorwardenClient } from '../../../client/doorwarden-client.js';
import { ACCESS_RULES_MAX, type GrantRequest, TTL_SECONDS_MAX } from '../../../contracts/grant.js';
import { ON_HOLD, type OnHold } from '../../../domain/grant.js';
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

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const TTL_DEFAULT_SECONDS = 1_800;

const accessList = z.array(z.looseObject({})).min(1).max(ACCESS_RULES_MAX);

/** Gives a command the options of the grant. `task` is what is said where the option is not given. */
export function withGrantOptions(command: Command, task?: string): Command {
  const title = new Option('--task <title>', 'what it is for, in your words; people who decide read it');
  if (task === undefined) title.makeOptionMandatory();
  else title.default(task);
  return command
    .addOption(title)
    .option('--reference <text>', 'a ticket, a pull request, a run')
    .option('--read <table...>', 'tables to read: orders, shop.orders, shop.*; default: what the target gives')
    .option('--write <table...>', 'tables to read and change')
    .addOption(
      new Option('--access <json>', 'the rules of access as the API takes them, instead of --read and --write')
        .argParser(accessIn)
        .conflicts(['read', 'write']),
    )
    .addOption(
      new Option('--ttl <time>', 'when the grant ends at the latest: 45s, 30m, 2h')
        .argParser(ttlSeconds)
        .default(TTL_DEFAULT_SECONDS, '30m'),
    )
    .addOption(
      new Option('--on-hold <what>', 'a statement that people must approve waits for them, or fails at once')
        .choices(ON_HOLD)
        .default('wait'),
    );
}

/** The request; asks the API for the target's default database where a table is typed without one. */
export async function grantRequestOf(
  target: string,
  options: AskedGrantOptions,
  client: Pick<DoorwardenClient, 'listTargets'>,
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
  client: Pick<DoorwardenClient, 'listTargets'>,
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

async function defaultDatabaseOf(target: string, client: Pick<DoorwardenClient, 'listTargets'>): Promise<string> {
  const found = (await client.listTargets()).find(({ name }) => name === target);
  const database = found?.defaultDatabase ?? null;
  if (database !== null) return database;
  throw new UsageFailure(
    found === undefined
      ? `There is no target ${JSON.stringify(target)}. Run: doorwarden targets`
      : `The target ${target} has no default database. Name the tables with theirs, such as shop.orders.`,
  );
}

function accessIn(text: string): GrantRequest['access'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Give JSON, such as [{"database":"shop","privileges":["SELECT"]}].');
  }
  const parsed = accessList.safeParse(Array.isArray(value) ? value : [value]);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`Give a list of 1 to ${ACCESS_RULES_MAX} rules as JSON objects.`);
}

function ttlSeconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
  if (seconds >= 1 && seconds <= TTL_SECONDS_MAX) return seconds;
  throw new InvalidArgumentError('Give a time such as 45s, 30m or 2h, of a day at most.');
}
