import { type Walk } from './walk.js';

/** BEGIN, START TRANSACTION, COMMIT, ROLLBACK, SAVEPOINT, RELEASE. */
export function walkTransactionControl(walk: Walk): void {
  walk.facts.action = 'session';
  const word = walk.word();
  walk.at++;
  walk.facts.kind = word;
  switch (word) {
    case 'begin':
      walk.accept('work');
      if (!walk.isDone) walk.fail('compound statement');
      return;
    case 'start':
      walk.expect('transaction');
      walk.facts.kind = 'start transaction';
      while (walk.acceptAny(['with', 'consistent', 'snapshot', 'read', 'only', 'write', ',']) !== '');
      return;
    case 'savepoint':
      walk.name();
      return;
    case 'release':
      walk.expect('savepoint');
      walk.facts.kind = 'release savepoint';
      walk.name();
      return;
    default:
      walkEnd(walk);
  }
}

/** `COMMIT WORK AND NO CHAIN RELEASE`, `ROLLBACK WORK TO SAVEPOINT a` */
function walkEnd(walk: Walk): void {
  walk.accept('work');
  if (walk.accept('to')) {
    if (walk.isName(1)) walk.accept('savepoint');
    walk.name();
    return;
  }
  if (walk.accept('and')) {
    walk.accept('no');
    walk.expect('chain');
  }
  if (walk.accept('no', 'release')) return;
  walk.accept('release');
}
