import { STRING } from '../text/tokens.js';
import { walkLimit } from './clauses.js';
import { walkExpressions } from './expression.js';
import { type Walk } from './walk.js';

/** SHOW in the forms that clients use; what shows accounts, other sessions or the server is for administrators. */
export function walkShow(walk: Walk): void {
  walk.expect('show');
  walk.facts.action = 'read';
  const modifier = walk.acceptAny(['full', 'extended', 'global', 'session', 'local', 'all']);
  if (modifier === 'extended') walk.accept('full');
  const words = FORMS.find((form) => walk.sees(...form));
  if (words !== undefined) {
    walk.at += words.length;
    walk.facts.kind = `show ${words.join(' ')}`;
    walkSubject(walk, words);
    walkFilter(walk);
    return;
  }
  const isAdmin = ADMIN.some((form) => walk.sees(...form));
  if (!isAdmin) walk.fail('unknown form of SHOW');
  walk.facts.kind = `show ${walk.word()}`;
  walk.facts.action = 'admin';
  walk.skipRest();
}

/** What can be shown to anybody. The longer form first. */
const FORMS: readonly (readonly string[])[] = [
  ['databases'],
  ['schemas'],
  ['tables'],
  ['table', 'status'],
  ['open', 'tables'],
  ['columns'],
  ['fields'],
  ['index'],
  ['indexes'],
  ['keys'],
  ['create', 'table'],
  ['create', 'view'],
  ['create', 'sequence'],
  ['create', 'database'],
  ['create', 'schema'],
  ['create', 'procedure'],
  ['create', 'function'],
  ['create', 'trigger'],
  ['create', 'event'],
  ['procedure', 'status'],
  ['function', 'status'],
  ['package', 'status'],
  ['package', 'body', 'status'],
  ['library', 'status'],
  ['triggers'],
  ['events'],
  ['variables'],
  ['status'],
  ['warnings'],
  ['errors'],
  ['engines'],
  ['storage', 'engines'],
  ['character', 'set'],
  ['charset'],
  ['collation'],
  ['privileges'],
  ['plugins'],
  ['count'],
];

/** Known, and not for everybody: SHOW GRANTS prints the password hash of the task account on MariaDB. */
const ADMIN: readonly (readonly string[])[] = [
  ['grants'],
  ['create', 'user'],
  ['processlist'],
  ['profile'],
  ['profiles'],
  ['engine'],
  ['binary'],
  ['binlog'],
  ['relaylog'],
  ['master'],
  ['slave'],
  ['slaves'],
  ['replica'],
  ['replicas'],
  ['replication'],
  ['explain'],
  ['analyze'],
  ['user_statistics'],
  ['index_statistics'],
  ['table_statistics'],
  ['client_statistics'],
  ['authors'],
  ['contributors'],
  ['procedure', 'code'],
  ['function', 'code'],
];

function walkSubject(walk: Walk, [first = '', second]: readonly string[]): void {
  if (first === 'count') {
    walk.expect('(', '*', ')');
    if (walk.acceptAny(['warnings', 'errors']) === '') walk.fail('unknown form of SHOW');
    return;
  }
  if (first === 'create') {
    if (second === 'database' || second === 'schema') walk.accept('if', 'not', 'exists');
    const name = walk.tableName();
    if (second === 'table' || second === 'view' || second === 'sequence') walk.facts.table(name, 'read');
    return;
  }
  if (['columns', 'fields', 'index', 'indexes', 'keys'].includes(first)) {
    walkTableOf(walk);
    return;
  }
  if (walk.acceptAny(['from', 'in']) !== '') walk.name();
}

/** `FROM t FROM db` is `db.t`. */
function walkTableOf(walk: Walk): void {
  if (walk.acceptAny(['from', 'in']) === '') walk.fail('SHOW of no table');
  const table = walk.tableName();
  walk.facts.table(walk.acceptAny(['from', 'in']) === '' ? table : { ...table, database: walk.name() }, 'read');
}

function walkFilter(walk: Walk): void {
  if (walk.accept('like')) walk.expectKind(STRING, 'pattern');
  else if (walk.accept('where')) walk.facts.outsideOfQueries(() => walkExpressions(walk));
  if (walk.word() === 'limit') walkLimit(walk);
}
