import { USER_VARIABLE } from '../text/tokens.js';
import { type Walk } from './walk.js';

/** DESCRIBE, EXPLAIN and MariaDB's ANALYZE of a statement. */
export function walkExplain(walk: Walk): void {
  const kind = walk.word();
  walk.at++;
  const runs = kind === 'analyze' || walk.accept('analyze');
  walkOptions(walk);
  const isStatement = EXPLAINED.has(walk.word());
  if (!isStatement && runs) walk.fail('unknown form of ANALYZE');
  if (!isStatement) {
    walkDescribe(walk);
    return;
  }
  walk.walkers.statement(walk);
  if (runs) {
    // The statement runs, rows and all.
    walk.facts.kind = `${kind === 'analyze' ? 'analyze' : 'explain analyze'} ${walk.facts.kind}`;
    return;
  }
  // To plan a change the servers read rows of tables that have but one, and lock them as the change would.
  if (walk.facts.action !== 'read') walk.facts.flag('locking-read');
  walk.facts.kind = 'explain';
  walk.facts.action = 'read';
  walk.facts.onlyReads();
}

const EXPLAINED: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'replace',
  'update',
  'delete',
  'with',
  'table',
  'values',
  '(',
]);

function walkOptions(walk: Walk): void {
  walk.acceptAny(['extended', 'partitions']);
  if (walk.accept('format', '=')) walk.at++;
  walk.accept('analyze');
  if (walk.accept('into')) {
    if (walk.kind() !== USER_VARIABLE) walk.fail('no variable where one belongs');
    walk.facts.flag('into-variable');
    walk.at++;
  }
  if (walk.acceptAny(['for']) !== '') walk.fail('EXPLAIN of another connection or schema');
}

/** `DESCRIBE t`, `DESC db.t 'pattern'` */
function walkDescribe(walk: Walk): void {
  walk.facts.kind = 'describe';
  walk.facts.action = 'read';
  walk.facts.table(walk.tableName(), 'read');
  if (!walk.isDone) walk.at++;
}
