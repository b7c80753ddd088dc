import type { BucketSize } from '../../domain/bucket.js';
import type { limitVariables } from '../../config/limits.js';

export type LimitSetting = keyof typeof limitVariables;

const MINUTE_MS = 60_000;

/** Who has an allowance: everybody who calls from an address, one credential, one principal, an identity provider, or a workspace of Slack. */
type AllowanceOwner = 'address' | 'provider' | 'credential' | 'principal' | 'workspace';

interface AllowanceRow {
  readonly of: AllowanceOwner;
  /** Counted by all processes together; otherwise by each for itself, without a way to Redis. */
  readonly isShared: boolean;
  readonly periodMs: number;
  readonly setting: LimitSetting;
  /** What there may be so many of. */
  readonly what: string;
}

const of = (owner: AllowanceOwner, setting: LimitSetting, what: string, rest: Partial<AllowanceRow> = {}) => ({
  of: owner,
  isShared: true,
  periodMs: MINUTE_MS,
  setting,
  what,
  ...rest,
});

/** What may be done so and so often. docs/operations.md lists every row (tested). */
export const ALLOWANCES = {
  calls: of('credential', 'LIMIT_CALLS_PER_MINUTE', 'calls with one key, session or token', { isShared: false }),
  grants: of('principal', 'LIMIT_GRANTS_PER_MINUTE', 'requests for grants by one principal'),
  decisions: of('principal', 'LIMIT_DECISIONS_PER_MINUTE', 'decisions by one principal'),
  tries: of('principal', 'LIMIT_TRIES_PER_MINUTE', 'trials by one principal'),
  searches: of('principal', 'LIMIT_SEARCHES_PER_MINUTE', 'searches by one principal'),
  entries: of('principal', 'LIMIT_ENTRIES_PER_MINUTE', 'pages of entries for one principal'),
  mcp: of('principal', 'LIMIT_MCP_PER_MINUTE', 'messages to the MCP server by one principal'),
  pages: of('address', 'LIMIT_PAGES_PER_MINUTE', 'calls without a key from one address', { isShared: false }),
  'sign-in-starts': of('address', 'LIMIT_SIGN_IN_STARTS_PER_MINUTE', 'sign-ins begun from one address'),
  'provider-starts': of('provider', 'LIMIT_PROVIDER_STARTS_PER_MINUTE', 'sign-ins begun with one identity provider'),
  'sign-in-callbacks': of('address', 'LIMIT_SIGN_IN_CALLBACKS_PER_MINUTE', 'sign-ins finished from one address'),
  'first-links': of('address', 'LIMIT_FIRST_LINKS_PER_MINUTE', 'one-time links tried from one address'),
  'device-starts': of(
    'address',
    'LIMIT_DEVICE_STARTS_PER_MINUTE',
    'command lines from one address that ask to be let in',
  ),
  'device-polls': of('address', 'LIMIT_DEVICE_POLLS_PER_MINUTE', 'questions from one address whether they were let in'),
  'device-codes': of('principal', 'LIMIT_DEVICE_CODES_PER_MINUTE', 'codes of command lines tried by one principal'),
  'sign-in-failures': of('address', 'LIMIT_SIGN_IN_FAILURES_PER_10_MINUTES', 'failed sign-ins from one address', {
    periodMs: 10 * MINUTE_MS,
  }),
  'credential-failures': of(
    'address',
    'LIMIT_CREDENTIAL_FAILURES_PER_MINUTE',
    'API keys or tokens from one address that do not work',
  ),
  slack: of('workspace', 'LIMIT_SLACK_PER_MINUTE', 'clicks, forms and commands of one workspace of Slack'),
} as const satisfies Record<string, AllowanceRow>;

export type AllowanceName = keyof typeof ALLOWANCES;
/**
 * What a route may be counted as: failures are counted where something fails, what comes from Slack once Slack has signed it, and
 * starts of a provider with all starts. Probes and readers of metrics come as often as they like: that is `nothing`.
 */
export type RouteAllowance =
  | Exclude<AllowanceName, 'sign-in-failures' | 'credential-failures' | 'provider-starts' | 'slack'>
  | 'nothing';

/** How a bucket of this allowance is sized; undefined where the operator set no limit. */
export function sizeOf(name: AllowanceName, settings: Readonly<Record<LimitSetting, number>>): BucketSize | undefined {
  const { setting, periodMs } = ALLOWANCES[name];
  const units = settings[setting];
  return units === 0 ? undefined : { units, periodMs };
}

export const ALLOWANCE_NAMES: readonly AllowanceName[] = Object.keys(ALLOWANCES).filter(isAllowance);

export function isAllowance(name: string): name is AllowanceName {
  return Object.hasOwn(ALLOWANCES, name);
}
