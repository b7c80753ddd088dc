import type { StatementFacts } from '../statement.js';
import type { PolicySubject } from '../../../domain/verdict.js';
import { compilePolicies, type NamedPolicyText, type PolicySet } from '../../../policy/policy-set.js';
import type { PolicyCase } from '../../../policy/vocabulary.js';
import { statementCase, type StatementScene } from './questions.js';
import { SQL_VOCABULARY } from './vocabulary.js';

/** Facts of `SELECT … FROM shop.orders WHERE id = 1`, with what a test says differently. */
export function factsOf(over: Partial<StatementFacts> = {}): StatementFacts {
  const action = over.action ?? 'read';
  return {
    kind: 'select',
    action,
    statements: 1,
    tables: [{ database: 'shop', table: 'orders', action: tableActionOf(action), by: 'text' }],
    columns: ['id'],
    functions: [],
    unknownFunctions: [],
    where: 'column',
    hasLimit: false,
    flags: [],
    triggers: [],
    notUnderstood: null,
    ...over,
  };
}

function tableActionOf(action: StatementFacts['action']) {
  switch (action) {
    case 'execute':
    case 'session':
    case 'admin':
    case 'unknown':
      return 'read';
    default:
      return action;
  }
}

export const BOT: PolicySubject = {
  principal: { id: '01jbot0000000000000000000a', name: 'bot', kind: 'agent' },
  target: { name: 'shop-db', labels: { env: 'prod' }, flavour: 'mariadb' },
};

/** The scene of one statement by the agent `bot` on the target `shop-db`. */
export function sceneOf(over: Partial<StatementFacts> = {}, scene: Partial<StatementScene> = {}): StatementScene {
  return { ...BOT, facts: factsOf(over), database: 'shop', inTransaction: false, ...scene };
}

/** What that statement asks of the policies. */
export function caseOf(over: Partial<StatementFacts> = {}, scene: Partial<StatementScene> = {}): PolicyCase {
  return statementCase(sceneOf(over, scene));
}

/** Policies about relational databases alone. */
export function policySetOf(policies: readonly NamedPolicyText[]): PolicySet {
  return compilePolicies(policies, [SQL_VOCABULARY]);
}
