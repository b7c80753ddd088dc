import type { RunnerWords } from '../../protocol/statement-runner.js';
import type { TargetWords } from '../../protocol/target-words.js';

/** What databases are called. */
export const SQL_TARGET_WORDS: TargetWords = {
  aTarget: 'a database',
  theTarget: 'the database',
  targets: 'databases',
  servers: 'database servers',
  operation: 'statement',
  operations: 'statements',
  listed: ['flavour', 'default database'],
};

/** What agents are told of the statements of databases. */
export const SQL_RUNNER_WORDS: RunnerWords = {
  of: SQL_TARGET_WORDS,
  text: 'One statement. Several in one text are refused.',
  values: 'For the placeholders (?) of the statement, in their order. Long numbers as strings.',
  session: 'Each call is a session of its own, without a transaction around several.',
  catalog: 'which tables its account sees; with `table` the columns of that one',
  table: 'A table, as `orders` or `shop.orders`.',
};
