import type { ApprovalView } from '../../../contracts/approvals/approval.js';
import { spanText } from '../../texts/format.js';
import { texts } from '../../texts/en.js';
import { signInAddress } from '../../api/session.js';

const { approval } = texts;

/** Why this person cannot decide, in a sentence, in place of buttons. */
export function CannotDecide({ view }: { readonly view: ApprovalView }) {
  const { canDecide, decideIn, reauthenticateSeconds, id, signIn } = view;
  return (
    <div className="cannot">
      <p>
        <strong>{approval.cannot}</strong> {canDecide.why}
      </p>
      {decideIn === 'web' && canDecide.code === 'approval_web_only' ? <p>{approval.onlyWeb}</p> : null}
      {canDecide.code === 'reauthentication_required' && reauthenticateSeconds !== null ? (
        <>
          <p>{approval.reauthenticate(spanText(reauthenticateSeconds * 1_000))}</p>
          <a className="button main" href={signIn ?? signInAddress(`/approvals/${id}`)}>
            {approval.signInAgain}
          </a>
        </>
      ) : null}
    </div>
  );
}
