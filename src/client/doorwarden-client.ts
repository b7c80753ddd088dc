import { approvalPage, type ApprovalSummaryView, approvalView } from '../contracts/approvals/approval.js';
import {
  connectionView,
  grantDetailView,
  grantOpenedView,
  grantPage,
  grantView,
  type GrantView,
} from '../contracts/grants/grant.js';
import { PAGE_LIMIT_MAX } from '../contracts/call-limits.js';
import type { ApprovalState } from '../domain/approval.js';
import type { GrantState } from '../domain/grant.js';
import { meView, type MeView } from '../contracts/sign-in/session.js';
import { anyTargetView, type AnyTargetView, targetPage } from '../contracts/grants/target.js';
import { type ApiCredential, type FetchCall, CALL_MS_MAX, type CallOptions } from './api-call.js';
import { type ApiClient, baseOf, connectApi } from './api-client.js';
import { ApiFailure } from './api-failure.js';
import { type ApiRetry, PATIENT } from './api-retry.js';
import { approvalCallOf, type GrantAnswerViews, grantCallsOf } from './grant-calls.js';
import type { GrantClient } from './grant-client.js';

const GRANT_VIEWS: GrantAnswerViews = {
  opened: grantOpenedView,
  detail: grantDetailView,
  connection: connectionView,
  grant: grantView,
  target: anyTargetView,
};

/** More pages than any broker has targets for. */
const PAGES_MAX = 100;

/** Where the broker is, and who calls. */
export interface DoorwardenAddress {
  /** The address of the API, such as `https://doorwarden.example.com`. */
  readonly api: string;
  /** An API key or a token, or what gives it: that is asked before each call. */
  readonly credential: ApiCredential;
  /** Default: that of the runtime. */
  readonly fetch?: FetchCall | undefined;
  /** How long a call that may be made twice is made again while the API is away. */
  readonly retry?: ApiRetry | undefined;
  /** How much later than it was asked to wait the API may answer, in milliseconds; default: a minute. */
  readonly lateMsMax?: number | undefined;
}

/** Which of a list are wanted: the newest of them, as many as `limit`; at most, and by default, those of one page. */
interface ListOptions<State> extends Pick<CallOptions, 'signal'> {
  readonly state?: State | undefined;
  readonly limit?: number | undefined;
}

export type GrantListOptions = ListOptions<GrantState>;

export interface ApprovalListOptions extends ListOptions<ApprovalState> {
  /** Only what is asked under this grant. */
  readonly grant?: string | undefined;
  /** Only questions about statements, or about grants themselves. */
  readonly kind?: ApprovalSummaryView['kind'] | undefined;
}

/**
 * What a program does with the broker to get at a target. All calls fail with an `ApiFailure` when the API refuses,
 * cannot be reached, or answers in another form; with the reason of their signal when that ends them. Calls that may be
 * made twice are made again while the API is away.
 */
export interface DoorwardenClient extends GrantClient {
  /** Who the credential is, with roles, groups and permissions. */
  me(options?: Pick<CallOptions, 'signal'>): Promise<MeView>;
  /** Every target that may be asked for, by name. */
  listTargets(options?: Pick<CallOptions, 'signal'>): Promise<readonly AnyTargetView[]>;
  /** The grants that the credential may see: an agent's own. */
  listGrants(options?: GrantListOptions): Promise<readonly GrantView[]>;
  /** What people are asked about grants that the credential may see. */
  listApprovals(options?: ApprovalListOptions): Promise<readonly ApprovalSummaryView[]>;
}

/** Connects with nothing yet: every call is one of its own. @throws ApiFailure for an address that is none */
export function connectDoorwarden({
  api,
  credential,
  fetch,
  retry = PATIENT,
  lateMsMax = CALL_MS_MAX,
}: DoorwardenAddress): DoorwardenClient {
  const base = baseOf(api);
  const calls = connectApi({ api: base, key: credential, fetch, retry });
  return {
    ...grantCallsOf(calls, { api: base, lateMsMax, views: GRANT_VIEWS }),
    me: (options) => calls.get('/v1/me', meView, options),
    listTargets: (options) => allTargets(calls, options),
    listGrants: async ({ state, limit, signal } = {}) =>
      (await calls.get(`/v1/grants${queryOf({ state, limit })}`, grantPage, { signal })).items,
    listApprovals: async ({ signal, limit, ...wanted } = {}) =>
      (await calls.get(`/v1/approvals${queryOf({ ...wanted, limit })}`, approvalPage, { signal })).items,
    getApproval: approvalCallOf(calls, { view: approvalView, lateMsMax }),
  };
}

async function allTargets(
  calls: ApiClient,
  options: Pick<CallOptions, 'signal'> | undefined,
): Promise<readonly AnyTargetView[]> {
  const targets: AnyTargetView[] = [];
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { items, next } = await calls.get(`/v1/targets?limit=${PAGE_LIMIT_MAX}${cursor}`, targetPage, options);
    targets.push(...items);
    if (next === null) return targets;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  throw new ApiFailure(`The API lists more than ${PAGES_MAX * PAGE_LIMIT_MAX} targets.`, null);
}

/** Without what is undefined; of as many as a page may have, unless a limit is given. */
function queryOf(asked: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams({ limit: String(PAGE_LIMIT_MAX) });
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, String(value));
  return `?${query.toString()}`;
}
