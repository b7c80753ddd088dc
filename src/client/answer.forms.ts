import { formOf } from '../contracts/form-of.js';
import { connectionView, grantDetailView, grantOpenedView, grantView } from '../contracts/grants/grant.js';
import { problemView } from '../contracts/problem.js';
import { targetSummaryView } from '../contracts/grants/target.js';

/** Answers of the API that a command reads which stands before each call of a program. */
export const GRANT_FORMS = {
  opened: formOf(grantOpenedView),
  detail: formOf(grantDetailView),
  connection: formOf(connectionView),
  grant: formOf(grantView),
  target: formOf(targetSummaryView),
};

/** What a client needs of a problem; the rest of it is for people who look for the cause. */
export const TOLD_PROBLEM_FORM = formOf(
  problemView.partial({ next: true, requestId: true }).omit({ type: true, status: true, instance: true }).loose(),
);
