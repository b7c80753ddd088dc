import type { PolicyTrialView } from '../../../contracts/policies/policy.js';
import { Facts } from '../../parts/facts.js';
import { Shown } from '../../parts/said/shown.js';
import { texts } from '../../texts/en.js';
import { numberText, spanText } from '../../texts/format.js';

/** Who must decide, how many of them, how and within which time. */
export function HoldTermsFacts({ hold }: { readonly hold: NonNullable<PolicyTrialView['hold']> }) {
  const { policyPanels: words } = texts;
  const { approvers, quorum, holdSeconds, inTransaction, transactionHoldSeconds, warning } = hold;
  const { decideIn, reauthenticateSeconds, slackChannels } = hold;
  return (
    <Facts
      rows={[
        [words.approvers, approvers.length === 0 ? words.anyApprover : approvers.join(', ')],
        [words.quorum, numberText(quorum)],
        [words.holdSeconds, spanText(holdSeconds * 1000)],
        [words.decideIn, decideIn === 'web' ? words.decideInWeb : null],
        [words.reauthenticate, reauthenticateSeconds === null ? null : spanText(reauthenticateSeconds * 1000)],
        [words.slackChannels, slackChannels.length === 0 ? null : slackChannels.join(', ')],
        [words.inTransactionHold, inTransaction],
        [words.transactionHold, spanText(transactionHoldSeconds * 1000)],
        [words.warning, warning === null ? null : <Shown key="warning" text={warning} />],
      ]}
    />
  );
}
