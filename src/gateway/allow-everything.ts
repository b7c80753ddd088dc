import type { StatementFacts } from '../domain/statement.js';
import { BrokerError } from '../kernel/errors.js';
import type { Judgement, StatementJudge } from './ports.js';
import type { StatementGate } from './statement-gate.js';

const UNKNOWN: StatementFacts = {
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
  facts: UNKNOWN,
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: null,
  refusal: 'statement_denied',
};

/** The judge before there are policies: what a statement may do is held by the task account's privileges alone. */
export const allowEverything: StatementJudge = {
  judge: () => ALLOWED,
  judgeAnew: () => Promise.resolve(ALLOWED),
};

/** The gate that goes with it: nothing that is allowed waits, and nothing is held. */
export const nothingHeld: Pick<StatementGate, 'mustWait' | 'admit'> = {
  mustWait: () => false,
  admit: () => Promise.reject(new BrokerError('statement_denied')),
};
