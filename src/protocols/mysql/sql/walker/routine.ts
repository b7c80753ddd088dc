import { walkExpressions, walkGroup } from './expression.js';
import { STRING } from '../text/tokens.js';
import { type Walk } from './walk.js';

/** `CALL p(1, @a)` */
export function walkCall(walk: Walk): void {
  walk.facts.kind = 'call';
  walk.facts.action = 'execute';
  walk.at++;
  const parts = walk.dottedName();
  walk.facts.unknownFunction({
    database: parts.length > 1 ? (parts.at(-2) ?? null) : walk.database,
    name: parts.at(-1) ?? '',
  });
  if (walk.word() === '(') walk.facts.outsideOfQueries(() => walkGroup(walk));
}

/** `DO f(), g()` runs expressions and throws their values away. */
export function walkDo(walk: Walk): void {
  walk.facts.kind = 'do';
  walk.facts.action = 'execute';
  walk.at++;
  walk.facts.outsideOfQueries(() => walkExpressions(walk));
}

/** PREPARE, EXECUTE, EXECUTE IMMEDIATE, DEALLOCATE PREPARE: texts that are put together on the server. */
export function walkPrepared(walk: Walk): void {
  const word = walk.word();
  walk.at++;
  walk.facts.kind = word;
  walk.facts.action = 'execute';
  if (word === 'prepare') {
    walk.name();
    walk.expect('from');
    walkExpressions(walk, { oneOnly: true });
    return;
  }
  if (word === 'deallocate' || word === 'drop') {
    walk.expect('prepare');
    walk.facts.kind = 'deallocate prepare';
    walk.facts.action = 'session';
    walk.name();
    return;
  }
  if (walk.accept('immediate')) {
    walk.facts.kind = 'execute immediate';
    walkExpressions(walk, { oneOnly: true });
  } else {
    walk.name();
  }
  if (walk.accept('using')) walkExpressions(walk);
}

/** HANDLER reads a table around everything else, and holds it open for the session; only OPEN names the table. */
export function walkHandler(walk: Walk): void {
  walk.facts.kind = 'handler';
  walk.facts.action = 'read';
  walk.facts.column('*');
  walk.at++;
  walk.facts.table(walk.tableName(), 'read');
  walk.facts.unread('HANDLER');
  walk.skipRest();
}

/** SIGNAL and RESIGNAL raise an error with texts of the client. */
export function walkSignal(walk: Walk): void {
  walk.facts.kind = walk.word();
  walk.facts.action = 'execute';
  walk.skipRest();
}

/** GET DIAGNOSTICS copies the messages of the last statement into variables. */
export function walkDiagnostics(walk: Walk): void {
  walk.facts.kind = 'get diagnostics';
  walk.facts.action = 'read';
  walk.facts.flag('into-variable');
  walk.at++;
  walk.acceptAny(['current', 'stacked']);
  walk.expect('diagnostics');
  walk.skipRest();
}

/** `HELP 'text'` reads the server's own manual. */
export function walkHelp(walk: Walk): void {
  walk.facts.kind = 'help';
  walk.facts.action = 'read';
  walk.at++;
  if (walk.kind() !== STRING && !walk.isName()) walk.fail('HELP about nothing');
  walk.at++;
}
