import { GRANT_FORMS } from '../../../client/answer.forms.js';
import { CALL_MS_MAX } from '../../../client/api-call.js';
import { baseOf, connectApi, formView } from '../../../client/api-client.js';
import { PATIENT } from '../../../client/api-retry.js';
import type { DoorwardenAddress } from '../../../client/doorwarden-client.js';
import { approvalCallOf, grantCallsOf } from '../../../client/grant-calls.js';
import type { GrantClient } from '../../../client/grant-client.js';
import { lightFetch } from '../light-fetch.js';

const VIEWS = {
  opened: formView(GRANT_FORMS.opened),
  detail: formView(GRANT_FORMS.detail),
  connection: formView(GRANT_FORMS.connection),
  grant: formView(GRANT_FORMS.grant),
  target: formView(GRANT_FORMS.target),
};

/**
 * The broker as a command needs it that stands before each call of a program. Nothing is loaded that a grant does not need
 * which opens at once: answers are read by what their schemas come to, and that of what people are asked is loaded when they
 * are. `onSent` is called whenever a request is on its way: what the command needs afterwards can be loaded then.
 * @throws ApiFailure for an address that is none
 */
export function connectLightly(
  { api, credential }: Pick<DoorwardenAddress, 'api' | 'credential'>,
  onSent: () => void = () => undefined,
): GrantClient {
  const base = baseOf(api);
  const calls = connectApi({ api: base, key: credential, fetch: lightFetch(onSent), retry: PATIENT });
  return {
    ...grantCallsOf(calls, { api: base, lateMsMax: CALL_MS_MAX, views: VIEWS }),
    async getApproval(id, options) {
      const { approvalView } = await import('../../../contracts/approvals/approval.js');
      return approvalCallOf(calls, { view: approvalView, lateMsMax: CALL_MS_MAX })(id, options);
    },
  };
}
