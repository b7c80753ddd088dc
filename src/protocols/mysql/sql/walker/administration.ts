import { walkTableList } from './definition.js';
import { type Walk } from './walk.js';

/** Statements of the server, its accounts, files and replicas, by the words that begin them. */
const ADMINISTRATION: readonly (readonly string[])[] = [
  ['grant'],
  ['revoke'],
  ['kill'],
  ['flush'],
  ['xa'],
  ['change'],
  ['start', 'slave'],
  ['start', 'replica'],
  ['start', 'all'],
  ['start', 'group_replication'],
  ['stop'],
  ['reset'],
  ['purge'],
  ['binlog'],
  ['cache', 'index'],
  ['install'],
  ['uninstall'],
  ['shutdown'],
  ['restart'],
  ['clone'],
  ['import', 'table'],
  ['backup'],
];

/** Whether these words begin such a statement. */
export function isAdministration(walk: Walk): boolean {
  return ADMINISTRATION.some((words) => walk.sees(...words));
}

/** Nothing in them is looked at: an agent has no business with them. */
export function walkAdministration(walk: Walk): void {
  const words = ADMINISTRATION.find((form) => walk.sees(...form)) ?? [];
  walk.facts.kind = words.join(' ');
  walk.facts.action = 'admin';
  walk.skipRest();
}

const MAINTENANCE: ReadonlySet<string> = new Set(['analyze', 'check', 'optimize', 'repair', 'checksum']);

/** Whether `ANALYZE TABLE` and its like begin here. */
export function isMaintenance(walk: Walk): boolean {
  if (!MAINTENANCE.has(walk.word())) return false;
  const ahead = ['no_write_to_binlog', 'local'].includes(walk.word(1)) ? 2 : 1;
  return ['table', 'tables', 'view'].includes(walk.word(ahead));
}

/** CHECKSUM reads its tables. CHECK marks a broken one, the others rebuild them or their statistics. */
export function walkMaintenance(walk: Walk): void {
  const verb = walk.word();
  walk.at++;
  walk.acceptAny(['no_write_to_binlog', 'local']);
  walk.at++;
  const reads = verb === 'checksum';
  walk.facts.kind = `${verb} table`;
  walk.facts.action = reads ? 'read' : 'schema';
  walkTableList(walk, (table) => walk.facts.table(table, reads ? 'read' : 'schema'));
  while (!walk.isDone) {
    if (walk.word() === '(') walk.skipGroup();
    else walk.at++;
  }
}
