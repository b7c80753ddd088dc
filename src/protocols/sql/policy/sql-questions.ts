import { z } from 'zod';
import type { PolicyQuestions } from '../../../protocol/policy-questions.js';
import { accessRules } from '../access-schema.js';
import { factsView } from '../facts-view.js';
import { PRIVILEGES } from '../privilege.js';
import { outlookOf } from './outlook.js';
import { outlookWords } from './outlook-words.js';
import { grantCase } from './questions.js';
import { standingAccess } from './standing.js';

/** How relational databases put grants to the policies; a statement is read by its own protocol. */
export const SQL_QUESTIONS: Omit<PolicyQuestions, 'trial' | 'again'> = {
  grantCase: (subject, { access, ttlSeconds }) =>
    grantCase({ ...subject, access: accessRules.parse(access), ttlSeconds }),
  standing: ({ policies, subject, access }) => standingAccess(policies, subject, accessRules.parse(access), () => []),
  outlook({ policies, subject, access }) {
    const outlooks = outlookOf(policies, subject, accessRules.parse(access));
    const mayWait = outlooks.access.some(({ waits, depends }) => waits.length + depends.length > 0);
    return { words: outlookWords(outlooks), ...outlooks, mayWait };
  },
  factsInWords(facts) {
    const { kind, action } = factsView.parse(facts);
    return `${kind} (${action})`;
  },
};

const privileges = z.array(z.enum(PRIVILEGES));

/** An {@link AccessOutlook}, as the API publishes it. */
export const accessOutlook = z.object({
  database: z.string(),
  tables: z.array(z.string()).optional(),
  runsAtOnce: privileges,
  waits: privileges.meta({ description: 'People are asked about each statement first.' }),
  depends: privileges.meta({ description: 'The table, the condition or the kind of statement decides.' }),
  neverRuns: privileges,
});
