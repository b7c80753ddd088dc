import type { ApprovalView } from '../contracts/approvals/approval.js';
import type { ConnectionView, GrantDetailView, GrantOpenedView, GrantView } from '../contracts/grants/grant.js';
import type { AnyTargetView } from '../contracts/grants/target.js';
import type { CallOptions } from './api-call.js';
import type { AnswerView, ApiClient } from './api-client.js';
import type { GrantClient, WaitOptions } from './grant-client.js';
import { newCallName } from './call-name.js';

const MS_PER_SECOND = 1000;

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
    requestGrant: (request, { idempotencyKey = newCallName(), signal, reach, connection = 'now' } = {}) =>
      calls.post(`/v1/grants${connection === 'later' ? '?connection=later' : ''}`, request, views.opened, {
        idempotencyKey,
        signal,
        reach,
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

/** The call about what people are asked. */
export function approvalCallOf(
  calls: ApiClient,
  { view, lateMsMax }: Pick<GrantCallOptions, 'lateMsMax'> & { readonly view: AnswerView<ApprovalView> },
): GrantClient['getApproval'] {
  return (id, options = {}) => {
    const { whileRevision } = options;
    const seen = options.waitSeconds && whileRevision ? `&revision=${whileRevision}` : '';
    const path = `/v1/approvals/${encodeURIComponent(id)}${waitOf(options)}${seen}`;
    return calls.get(path, view, waitingCall(options, lateMsMax));
  };
}

/** The time that the API waits does not count as its slowness. */
function waitingCall({ waitSeconds = 0, signal }: WaitOptions, lateMsMax: number): CallOptions {
  return { signal, limitMs: lateMsMax + waitSeconds * MS_PER_SECOND };
}

/** The query of a call that waits. */
function waitOf({ waitSeconds = 0 }: WaitOptions): string {
  return waitSeconds === 0 ? '' : `?wait=${waitSeconds}`;
}

function grantPath(id: string): string {
  return `/v1/grants/${encodeURIComponent(id)}`;
}
