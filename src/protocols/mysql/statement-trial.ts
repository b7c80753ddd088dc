import { z } from 'zod';
import type { PolicySubject } from '../../domain/verdict.js';
import type { KeptOperation, PolicyQuestions, TrialTarget, TriedOperation } from '../../protocol/policy-questions.js';
import { requestValue } from '../../protocol/request-value.js';
import { statementCase } from '../sql/policy/questions.js';
import { mysqlReport } from './report.js';
import { analyse } from './sql/analyse.js';
import { dialectOf, PLAIN_SQL_MODE } from './sql/text/dialect.js';

const STATEMENT_CHARACTERS_MAX = 65_536;
const VALUES_MAX = 1_000;

/** A statement that is put to the policies and not run. */
export const statementTrial = z.strictObject({
  database: z
    .string()
    .min(1)
    .max(64)
    .nullable()
    .optional()
    .meta({ description: "Absent: the target's default database." }),
  statement: z.string().min(1).max(STATEMENT_CHARACTERS_MAX),
  values: z
    .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .max(VALUES_MAX)
    .optional()
    .meta({ description: 'Bound values; no verdict depends on them.' }),
  inTransaction: z.boolean().default(false),
});

export const tryStatement: PolicyQuestions['trial'] = (asked, target, subject, at) => {
  const { statement, database = target.defaultDatabase, inTransaction } = requestValue(statementTrial, asked, at);
  return putToPolicies({ text: statement, database, inTransaction }, target, subject);
};

/** Puts the text of a statement to the policies, by what is known of the target without asking it. */
export function putToPolicies(
  { text, database, inTransaction }: KeptOperation,
  target: TrialTarget,
  subject: PolicySubject,
): TriedOperation {
  const dialect = dialectOf({ ...mysqlReport.parse(target.report), sqlMode: PLAIN_SQL_MODE });
  const { facts } = analyse(Buffer.from(text), dialect, database);
  return { asked: statementCase({ ...subject, facts, database, inTransaction }), facts };
}
