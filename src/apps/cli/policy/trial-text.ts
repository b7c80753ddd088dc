import type { PolicyTrialView } from '../../../contracts/policies/policy.js';
import { signInTermsText } from '../terminal/sign-in-terms-text.js';
import { fieldLines } from '../terminal/field-lines.js';
import type { ProtocolWords } from './protocol-words.js';

/** What a trial of the policies gave, a line for each thing that there is to say. */
export function trialText(trial: PolicyTrialView, words: ProtocolWords): string {
  const { verdict, why, policies, hold, facts, standing, access } = trial;
  const rules = (all: PolicyTrialView['access']): string | null =>
    all === null ? null : all.length === 0 ? 'nothing' : all.map(words.access).join('; ');
  return fieldLines([
    ['verdict', verdict],
    ['why', why],
    ['policies', policies.join(', ')],
    ...(hold === null ? [] : holdFields(hold)),
    ['understood as', facts === null ? null : words.facts(facts)],
    ['access', rules(access)],
    ['of it stands', rules(standing)],
  ]);
}

function holdFields(hold: NonNullable<PolicyTrialView['hold']>): readonly (readonly [string, string | null])[] {
  return [
    ['approvers', hold.approvers.length === 0 ? 'any' : `one of each of ${hold.approvers.join(', ')}`],
    ['approvals', String(hold.quorum)],
    ['decided', signInTermsText(hold)],
    ['asked in Slack', hold.slackChannels.join(', ')],
    ['waits', `${hold.holdSeconds} s`],
    ['in a transaction', transactionText(hold)],
    ['warning', hold.warning],
  ];
}

function transactionText({ inTransaction, transactionHoldSeconds }: NonNullable<PolicyTrialView['hold']>): string {
  if (inTransaction !== 'hold') return inTransaction;
  return `until others have waited for its locks for ${transactionHoldSeconds} s`;
}
