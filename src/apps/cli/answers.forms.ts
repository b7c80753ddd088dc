import { approvalPage, approvalView } from '../../contracts/approvals/approval.js';
import { formOf } from '../../contracts/form-of.js';
import { grantPage } from '../../contracts/grants/grant.js';
import { meView } from '../../contracts/sign-in/session.js';

/** Answers of the API to the commands that people type again and again; a grant is in `src/client/answer.forms.ts`. */
export const ANSWER_FORMS = {
  me: formOf(meView),
  approvals: formOf(approvalPage),
  approval: formOf(approvalView),
  grants: formOf(grantPage),
};
