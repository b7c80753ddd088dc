import { approvalPage, type ApprovalSummaryView, approvalView, type ApprovalView } from '../contracts/approval.js';
import {
  grantDetailView,
  type GrantDetailView,
  grantOpenedView,
  grantPage,
  type GrantRequest,
  grantView,
  type GrantView,
} from '../contracts/grant.js';
import type { GrantState } from '../domain/grant.js';
import { PAGE_LIMIT_MAX } from '../contracts/page.js';
import { anyTargetView, type AnyTargetView, targetPage } from '../contracts/target.js';
import type { ApiClient } from '../client/api-client.js';
import { ApiFailure } from '../client/api-failure.js';

const MS_PER_SECOND = 1000;
/** For an answer itself, besides what the API waits. */
const ANSWER_MS_MAX = 15_000;
/** More targets than a model can choose from. */
const TARGET_PAGES_MAX = 5;
const GRANTS_LISTED_MAX = 50;
const QUESTIONS_LISTED_MAX = 20;

export interface WaitOptions {
  readonly waitSeconds?: number;
  readonly signal: AbortSignal;
}

export interface GrantWait extends WaitOptions {
  /** Waits only while the grant has this state. */
  readonly whileState?: GrantState;
}

export interface ApprovalWait extends WaitOptions {
  /** Waits only while the approval has this revision. */
  readonly whileRevision?: number;
}

/**
 * What the tools ask of the API. All of them are calls that an agent may make.
 * @throws ApiFailure
 */
export class BrokerCalls {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async targets(signal: AbortSignal): Promise<{ readonly items: readonly AnyTargetView[]; readonly hasMore: boolean }> {
    const items: AnyTargetView[] = [];
    let cursor = '';
    for (let pages = 0; pages < TARGET_PAGES_MAX; pages += 1) {
      const page = await this.#api.get(`/v1/targets?limit=${PAGE_LIMIT_MAX}${cursor}`, targetPage, { signal });
      items.push(...page.items);
      if (page.next === null) return { items, hasMore: false };
      cursor = `&cursor=${page.next}`;
    }
    return { items, hasMore: true };
  }

  target(name: string, signal: AbortSignal): Promise<AnyTargetView> {
    return this.#api.get(`/v1/targets/${encodeURIComponent(name)}`, anyTargetView, { signal });
  }

  /** The answer has no connection: the keeper fetches it, and nobody else. */
  request(request: GrantRequest, idempotencyKey: string, signal: AbortSignal): Promise<GrantDetailView> {
    const path = '/v1/grants?connection=later';
    return this.#api.post(path, request, grantOpenedView, { signal, idempotencyKey });
  }

  grant(id: string, { waitSeconds = 0, whileState, signal }: GrantWait): Promise<GrantDetailView> {
    const path = `/v1/grants/${id}?wait=${waitSeconds}${whileState === undefined ? '' : `&while=${whileState}`}`;
    return this.#api.get(path, grantDetailView, waitingCall(waitSeconds, signal));
  }

  async openGrants(signal: AbortSignal): Promise<readonly GrantView[]> {
    const states = ['requested', 'active', 'closing'] as const;
    const pages = await Promise.all(
      states.map((state) =>
        this.#api.get(`/v1/grants?limit=${GRANTS_LISTED_MAX}&state=${state}`, grantPage, { signal }),
      ),
    );
    return pages.flatMap(({ items }) => items);
  }

  /** The grant as it is afterwards; one that no gateway had taken is refused, and nobody is asked about it any more. */
  async close(id: string, { waitSeconds = 0, signal }: WaitOptions): Promise<GrantView> {
    const path = `/v1/grants/${id}/close?wait=${waitSeconds}`;
    try {
      // A second close sees what became of the first.
      const options = { ...waitingCall(waitSeconds, signal), isRepeatable: true };
      return await this.#api.post(path, undefined, grantView, options);
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'grant_not_active') return this.grant(id, { signal });
      throw error;
    }
  }

  approval(id: string, { waitSeconds = 0, whileRevision, signal }: ApprovalWait): Promise<ApprovalView> {
    const seen = whileRevision === undefined ? '' : `&revision=${whileRevision}`;
    const path = `/v1/approvals/${id}?wait=${waitSeconds}${seen}`;
    return this.#api.get(path, approvalView, waitingCall(waitSeconds, signal));
  }

  /** The newest questions about statements of a grant that wait for people. */
  async pending(grant: string, signal: AbortSignal): Promise<readonly ApprovalSummaryView[]> {
    const path = `/v1/approvals?grant=${grant}&state=pending&kind=statement&limit=${QUESTIONS_LISTED_MAX}`;
    return (await this.#api.get(path, approvalPage, { signal })).items;
  }
}

function waitingCall(waitSeconds: number, signal: AbortSignal) {
  return { signal, limitMs: ANSWER_MS_MAX + waitSeconds * MS_PER_SECOND };
}
