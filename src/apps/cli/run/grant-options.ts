import { ApiFailure } from '../../../client/api-failure.js';
import type { GrantClient } from '../../../client/grant-client.js';
import type { GrantRequest } from '../../../contracts/grants/grant.js';
import { ACCESS_RULES_MAX, type OnHold, TTL_SECONDS_MAX } from '../../../domain/grant.js';
import { type AccessWords, nameOfOption, type TypedOptions } from '../../../protocol/access-words.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import type { ApiOptions } from '../profiles/api-choice.js';
import { UsageFailure } from '../terminal/conventions.js';

/** What `run`, `connect` and `exec` are told of the grant that they ask for, besides options of protocols. */
export interface AskedGrantOptions extends ApiOptions {
  readonly task: string;
  readonly reference?: string;
  readonly access?: GrantRequest['access'];
  readonly ttl: number;
  readonly onHold: OnHold;
}

/** What holds where an option is not given; a time as it is typed. */
export const GRANT_DEFAULTS = { ttl: '30m', onHold: 'wait' } as const;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** The request; asks the API for the target where what was typed does not say enough. */
export async function grantRequestOf(
  target: string,
  options: AskedGrantOptions,
  client: Pick<GrantClient, 'getTarget'>,
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): Promise<GrantRequest> {
  const { task: title, reference, ttl, onHold } = options;
  const access = options.access ?? (await accessOf({ ...options }, protocols, () => targetNamed(target, client)));
  return {
    target,
    task: { title, ...(reference === undefined ? {} : { reference }) },
    ttlSeconds: ttl,
    onHold,
    ...(access === undefined ? {} : { access: access.map((rule) => ({ ...rule })) }),
  };
}

type Target = Awaited<ReturnType<GrantClient['getTarget']>>;

async function accessOf(
  typed: TypedOptions,
  protocols: readonly ClientProtocol[],
  target: () => Promise<Target>,
): Promise<readonly object[] | undefined> {
  const words = await wordsOf(typed, protocols, target);
  if (words === undefined) return undefined;
  const rules = words.rulesOf(typed, words.needsPlace(typed) ? await placeOf(words, target) : null);
  if (rules.length > ACCESS_RULES_MAX) {
    throw new UsageFailure(`A grant has at most ${ACCESS_RULES_MAX} rules. ${words.tooMany}`);
  }
  return rules;
}

/** The words of the protocol that has the options which were typed; where several have some, the target says which. */
async function wordsOf(
  typed: TypedOptions,
  protocols: readonly ClientProtocol[],
  target: () => Promise<Target>,
): Promise<AccessWords | undefined> {
  const isTyped = (name: string): boolean => typed[name] !== undefined;
  const fitting = protocols.filter(({ access }) => namesOf(access).some(isTyped));
  const [first] = fitting;
  if (first === undefined || fitting.every(({ access }) => access === first.access)) return first?.access;
  const { name, protocol } = await target();
  const words = fitting.find((one) => one.name === protocol)?.access;
  const others = fitting.flatMap(({ access }) => namesOf(access)).filter(isTyped);
  if (words !== undefined && others.every((other) => namesOf(words).includes(other))) return words;
  throw new UsageFailure(`Not all of these options are for the target ${name}: ${[...new Set(others)].join(', ')}.`);
}

function namesOf({ options }: AccessWords): readonly string[] {
  return options.map(nameOfOption);
}

async function placeOf({ placeMissing }: AccessWords, target: () => Promise<Target>): Promise<string> {
  const { name, defaultDatabase } = await target();
  if (defaultDatabase !== null) return defaultDatabase;
  throw new UsageFailure(`The target ${name} has no default database. ${placeMissing}`);
}

async function targetNamed(name: string, client: Pick<GrantClient, 'getTarget'>): Promise<Target> {
  try {
    return await client.getTarget(name);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 'target_not_found') throw error;
    throw new UsageFailure(`There is no target ${JSON.stringify(name)}. Run: doorwarden targets`);
  }
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
