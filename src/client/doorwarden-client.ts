import { randomUUID } from 'node:crypto';
import { approvalPage, type ApprovalSummaryView, approvalView, type ApprovalView } from '../contracts/approval.js';
import {
  connectionView,
  type ConnectionView,
  grantDetailView,
  type GrantDetailView,
  grantOpenedView,
  type GrantOpenedView,
  grantPage,
  type GrantRequest,
  grantView,
  type GrantView,
} from '../contracts/grant.js';
import { PAGE_LIMIT_MAX } from '../contracts/page.js';
import type { ApprovalState } from '../domain/approval.js';
import type { GrantState } from '../domain/grant.js';
import { meView, type MeView } from '../contracts/session.js';
import { anyTargetView, type AnyTargetView, targetPage } from '../contracts/target.js';
import { type ApiCredential, type FetchCall, CALL_MS_MAX, type CallOptions } from './api-call.js';
import { type ApiClient, baseOf, connectApi } from './api-client.js';
import { ApiFailure } from './api-failure.js';
import { type ApiRetry, PATIENT } from './api-retry.js';

const MS_PER_SECOND = 1000;
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

export interface WaitOptions {
  /** How long the API waits before it answers, 60 at most; default 0. */
  readonly waitSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GrantWaitOptions extends WaitOptions {
  /** The state that the caller saw last, so that a change since then is not missed. Default: that at the call. */
  readonly whileState?: GrantState | undefined;
}

export interface ApprovalWaitOptions extends WaitOptions {
  /** The revision that the caller saw last, so that a change since then is not missed. Default: that at the call. */
  readonly whileRevision?: number | undefined;
}

export interface RequestOptions extends Pick<CallOptions, 'idempotencyKey' | 'signal'> {
  /** `later`: only `takeConnection` gives the connection, so that it is not lost with the answer. Default: `now`. */
  readonly connection?: 'now' | 'later' | undefined;
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
export interface DoorwardenClient {
  /** The address of the API, without a slash at its end. */
  readonly api: string;
  /** Who the credential is, with roles, groups and permissions. */
  me(options?: Pick<CallOptions, 'signal'>): Promise<MeView>;
  /** Every target that may be asked for, by name. */
  listTargets(options?: Pick<CallOptions, 'signal'>): Promise<readonly AnyTargetView[]>;
  getTarget(name: string, options?: Pick<CallOptions, 'signal'>): Promise<AnyTargetView>;
  /**
   * Asks for a grant. The answer has its connection when it is active at once, unless that is wanted later. It is sent
   * again with the same idempotency key, by default a new one, so that it makes one grant; an answer to what was sent
   * again has no connection.
   */
  requestGrant(request: GrantRequest, options?: RequestOptions): Promise<GrantOpenedView>;
  /** The grants that the credential may see: an agent's own. */
  listGrants(options?: GrantListOptions): Promise<readonly GrantView[]>;
  /** Looks at a grant; with `waitSeconds`, once its state is another one or the time is up. */
  getGrant(id: string, options?: GrantWaitOptions): Promise<GrantDetailView>;
  /** The connection of an active grant: once. It is not asked for again when it may have been shown. */
  takeConnection(id: string, options?: Pick<CallOptions, 'signal'>): Promise<ConnectionView>;
  /** Ends the task; with `waitSeconds`, answers once its recording is sealed or the time is up. Twice is as good as once. */
  closeGrant(id: string, options?: WaitOptions & Pick<CallOptions, 'patienceMs'>): Promise<GrantView>;
  /** What people are asked about grants that the credential may see. */
  listApprovals(options?: ApprovalListOptions): Promise<readonly ApprovalSummaryView[]>;
  /** Looks at what people are asked; with `waitSeconds`, once it has changed or the time is up. */
  getApproval(id: string, options?: ApprovalWaitOptions): Promise<ApprovalView>;
  /** The page on which people decide it. */
  approvalLink(id: string): string;
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
  /** The time that the API waits does not count as its slowness. */
  const waitingCall = ({ waitSeconds = 0, signal }: WaitOptions) => ({
    signal,
    limitMs: lateMsMax + waitSeconds * MS_PER_SECOND,
  });
  const calls = connectApi({ api: base, key: credential, fetch, retry });
  return {
    api: base,
    me: (options) => calls.get('/v1/me', meView, options),
    listTargets: (options) => allTargets(calls, options),
    getTarget: (name, options) => calls.get(`/v1/targets/${encodeURIComponent(name)}`, anyTargetView, options),
    requestGrant: (request, { idempotencyKey = randomUUID(), signal, connection = 'now' } = {}) =>
      calls.post(`/v1/grants${connection === 'later' ? '?connection=later' : ''}`, request, grantOpenedView, {
        idempotencyKey,
        signal,
      }),
    listGrants: async ({ state, limit, signal } = {}) =>
      (await calls.get(`/v1/grants${queryOf({ state, limit })}`, grantPage, { signal })).items,
    getGrant(id, options = {}) {
      const { whileState } = options;
      const seen = options.waitSeconds && whileState ? `&while=${whileState}` : '';
      return calls.get(`${grantPath(id)}${waitOf(options)}${seen}`, grantDetailView, waitingCall(options));
    },
    takeConnection: (id, options) => calls.post(`${grantPath(id)}/connection`, undefined, connectionView, options),
    closeGrant: (id, options = {}) =>
      calls.post(`${grantPath(id)}/close${waitOf(options)}`, undefined, grantView, {
        ...waitingCall(options),
        patienceMs: options.patienceMs,
        isRepeatable: true,
      }),
    listApprovals: async ({ signal, limit, ...wanted } = {}) =>
      (await calls.get(`/v1/approvals${queryOf({ ...wanted, limit })}`, approvalPage, { signal })).items,
    getApproval(id, options = {}) {
      const { whileRevision } = options;
      const seen = options.waitSeconds && whileRevision ? `&revision=${whileRevision}` : '';
      const path = `/v1/approvals/${encodeURIComponent(id)}${waitOf(options)}${seen}`;
      return calls.get(path, approvalView, waitingCall(options));
    },
    approvalLink: (id) => `${base}/approvals/${encodeURIComponent(id)}`,
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

function grantPath(id: string): string {
  return `/v1/grants/${encodeURIComponent(id)}`;
}

function waitOf({ waitSeconds = 0 }: WaitOptions = {}): string {
  return waitSeconds === 0 ? '' : `?wait=${waitSeconds}`;
}

/** Without what is undefined; of as many as a page may have, unless a limit is given. */
function queryOf(asked: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams({ limit: String(PAGE_LIMIT_MAX) });
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, String(value));
  return `?${query.toString()}`;
}
