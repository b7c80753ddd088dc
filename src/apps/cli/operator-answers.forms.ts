import { formOf } from '../../contracts/form-of.js';
import { anyTargetView, targetPage, targetTestView } from '../../contracts/grants/target.js';
import { knownPrincipalView, principalPage } from '../../contracts/identity/principal.js';
import { policyList, policyTrialView, policyView } from '../../contracts/policies/policy.js';

/** Answers of the API to the commands that operators type. */
export const OPERATOR_ANSWER_FORMS = {
  policies: formOf(policyList),
  policy: formOf(policyView),
  trial: formOf(policyTrialView),
  targets: formOf(targetPage),
  target: formOf(anyTargetView),
  targetTest: formOf(targetTestView),
  principals: formOf(principalPage),
  principal: formOf(knownPrincipalView),
};
