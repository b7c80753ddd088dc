import type { ApprovalView } from '../contracts/approvals/approval.js';
import type {
  ConnectionView,
  GrantDetailView,
  GrantOpenedView,
  GrantRequest,
  GrantView,
} from '../contracts/grants/grant.js';
import type { AnyTargetView } from '../contracts/grants/target.js';
import type { GrantState } from '../domain/grant.js';
import type { CallOptions } from './api-call.js';

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

export interface RequestOptions extends Pick<CallOptions, 'idempotencyKey' | 'signal' | 'reach'> {
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
