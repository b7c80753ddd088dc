import { type NeededPrivilege } from '../../src/protocols/sql/privilege.js';
import { type StatementFacts } from '../../src/protocols/sql/statement.js';
import type { JudgedStatement, Judgement, StatementJudge } from '../../src/protocols/mysql/judge/judgement.js';

const NOBODY_LOOKED: StatementFacts = {
  kind: 'unknown',
  action: 'unknown',
  statements: 1,
  tables: [],
  columns: [],
  functions: [],
  unknownFunctions: [],
  where: 'none',
  hasLimit: false,
  flags: [],
  triggers: [],
  notUnderstood: 'nobody has looked',
};

const ALLOWED: Judgement = {
  verdict: 'allow',
  policies: ['allow-everything'],
  hold: null,
  why: '',
  fingerprint: null,
  facts: NOBODY_LOOKED,
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: null,
  refusal: 'statement_denied',
};

/**
 * A judge that has been fooled about everything: all texts may run at once, as if no policy asked for anything.
 * `missingFor` says what a text is given privileges for; by default nothing.
 */
export function allowEverything(missingFor: (text: string) => readonly NeededPrivilege[] = () => []): StatementJudge {
  const judge = ({ text = '' }: JudgedStatement): Judgement => {
    const database = /^USE (\w+)$/.exec(text)?.[1]; // what enters a database is told apart on the wire too
    return { ...ALLOWED, missing: missingFor(text), ...(database === undefined ? {} : { effect: { database } }) };
  };
  return {
    judge,
    judgeAnew: (statement) => Promise.resolve(judge(statement)),
    catalogMayHaveChanged: () => undefined,
  };
}
