import type { ApprovalView } from '../contracts/approval.js';
import type { ConnectionView, GrantDetailView, GrantOpenedView, GrantRequest, GrantView } from '../contracts/grant.js';
import type { AnyTargetView } from '../contracts/target.js';
import type { GrantState } from '../domain/grant.js';
import type { CallOptions } from './api-call.js';
import type { AnswerView, ApiClient } from './api-client.js';

const MS_PER_SECOND = 1000;

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

/** What a program needs of the broker for one grant, from its request to its end. It fails as `DoorwardenClient` does. */
export interface GrantClient {
  /** The address of the API, without a slash at its end. */
  readonly api: string;
  getTarget(name: string, options?: Pick<CallOptions, 'signal'>): Promise<AnyTargetView>;
  /**
   * Asks for a grant. The answer has its connection when it is active at once, unless that is wanted later. It is sent
   * again with the same idempotency key, by default a new one, so that it makes one grant; an answer to what was sent
   * again has no connection.
   */
  requestGrant(request: GrantRequest, options?: RequestOptions): Promise<GrantOpenedView>;
  /** Looks at a grant; with `waitSeconds`, once its state is another one or the time is up. */
  getGrant(id: string, options?: GrantWaitOptions): Promise<GrantDetailView>;
  /** The connection of an active grant: once. It is not asked for again when it may have been shown. */
  takeConnection(id: string, options?: Pick<CallOptions, 'signal'>): Promise<ConnectionView>;
  /** Ends the task; with `waitSeconds`, answers once its recording is sealed or the time is up. Twice is as good as once. */
  closeGrant(id: string, options?: WaitOptions & Pick<CallOptions, 'patienceMs'>): Promise<GrantView>;
  /** Looks at what people are asked; with `waitSeconds`, once it has changed or the time is up. */
  getApproval(id: string, options?: ApprovalWaitOptions): Promise<ApprovalView>;
  /** The page on which people decide it. */
  approvalLink(id: string): string;
}

/** The views by which the answers of the calls below are read. */
export interface GrantAnswerViews {
  readonly opened: AnswerView<GrantOpenedView>;
  readonly detail: AnswerView<GrantDetailView>;
  readonly connection: AnswerView<ConnectionView>;
  readonly grant: AnswerView<GrantView>;
  readonly target: AnswerView<AnyTargetView>;
}

/** Of an API at this address, which may answer so much later than it was asked to wait. */
export interface GrantCallOptions {
  readonly api: string;
  readonly lateMsMax: number;
  readonly views: GrantAnswerViews;
}

/** All of a grant's calls but those about what people are asked. */
export function grantCallsOf(
  calls: ApiClient,
  { api, lateMsMax, views }: GrantCallOptions,
): Omit<GrantClient, 'getApproval'> {
  return {
    api,
    getTarget: (name, options) => calls.get(`/v1/targets/${encodeURIComponent(name)}`, views.target, options),
    requestGrant: (request, { idempotencyKey = newCallName(), signal, connection = 'now' } = {}) =>
      calls.post(`/v1/grants${connection === 'later' ? '?connection=later' : ''}`, request, views.opened, {
        idempotencyKey,
        signal,
      }),
    getGrant(id, options = {}) {
      const { whileState } = options;
      const seen = options.waitSeconds && whileState ? `&while=${whileState}` : '';
      return calls.get(`${grantPath(id)}${waitOf(options)}${seen}`, views.detail, waitingCall(options, lateMsMax));
    },
    takeConnection: (id, options) => calls.post(`${grantPath(id)}/connection`, undefined, views.connection, options),
    closeGrant: (id, options = {}) =>
      calls.post(`${grantPath(id)}/close${waitOf(options)}`, undefined, views.grant, {
        ...waitingCall(options, lateMsMax),
        patienceMs: options.patienceMs,
        isRepeatable: true,
      }),
    approvalLink: (id) => `${api}/approvals/${encodeURIComponent(id)}`,
  };
}

/** The time that the API waits does not count as its slowness. */
export function waitingCall({ waitSeconds = 0, signal }: WaitOptions, lateMsMax: number): CallOptions {
  return { signal, limitMs: lateMsMax + waitSeconds * MS_PER_SECOND };
}

/** The query of a call that waits. */
export function waitOf({ waitSeconds = 0 }: WaitOptions): string {
  return waitSeconds === 0 ? '' : `?wait=${waitSeconds}`;
}

/**
 * A name that no other call of the same principal has. It is no secret: it need not be hard to guess, and what makes UUIDs
 * takes longer to load than all else of a call.
 */
function newCallName(): string {
  const parts = [Date.now(), process.pid, Math.random(), Math.random()];
  return parts.map((part) => part.toString(36).replace('0.', '')).join('-');
}

function grantPath(id: string): string {
  return `/v1/grants/${encodeURIComponent(id)}`;
}
