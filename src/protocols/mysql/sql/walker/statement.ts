import { isAdministration, isMaintenance, walkAdministration, walkMaintenance } from './administration.js';
import { walkWith } from './common-table.js';
import { walkDelete } from './delete.js';
import { walkExplain } from './explain.js';
import { walkInsert } from './insert.js';
import { walkLoad, walkLock } from './lock.js';
import { walkQuery, walkSetOperations } from './query.js';
import { walkCall, walkDiagnostics, walkDo, walkHandler, walkHelp, walkPrepared, walkSignal } from './routine.js';
import { walkSchemaChange, walkTruncate } from './schema.js';
import { walkSet } from './set.js';
import { walkShow } from './show.js';
import { walkTransactionControl } from './transaction.js';
import { walkUpdate } from './update.js';
import type { Walk, Walkers } from './walk.js';

/** The walkers as they know each other. */
export const WALKERS: Walkers = { query: walkQuery, setOperations: walkSetOperations, statement: walkStatement };

/** One statement from its first word to its end; what is left over is not understood. */
function walkStatement(walk: Walk): void {
  walkAny(walk);
  if (!walk.isDone) walk.fail('more than the statement can have');
}

type StatementWalker = (walk: Walk) => void;

/** By the first word; the word alone decides nothing but who looks closer. */
const BY_WORD: ReadonlyMap<string, StatementWalker> = new Map<string, StatementWalker>([
  ['select', walkRead],
  ['(', walkRead],
  ['values', walkRead],
  ['table', walkRead],
  ['with', walkWithStatement],
  ['insert', walkInsert],
  ['replace', walkInsert],
  ['update', walkUpdate],
  ['delete', walkDelete],
  ['set', walkSet],
  ['show', walkShow],
  ['describe', walkExplain],
  ['desc', walkExplain],
  ['explain', walkExplain],
  ['analyze', walkExplain],
  ['use', walkUse],
  ['begin', walkTransactionControl],
  ['start', walkTransactionControl],
  ['commit', walkTransactionControl],
  ['rollback', walkTransactionControl],
  ['savepoint', walkTransactionControl],
  ['release', walkTransactionControl],
  ['prepare', walkPrepared],
  ['execute', walkPrepared],
  ['deallocate', walkPrepared],
  ['call', walkCall],
  ['do', walkDo],
  ['handler', walkHandler],
  ['signal', walkSignal],
  ['resignal', walkSignal],
  ['get', walkDiagnostics],
  ['help', walkHelp],
  ['lock', walkLock],
  ['unlock', walkLock],
  ['load', walkLoad],
  ['create', walkSchemaChange],
  ['alter', walkSchemaChange],
  ['drop', walkSchemaChange],
  ['rename', walkSchemaChange],
  ['truncate', walkTruncate],
]);

/** Words that begin a compound statement, or a part of one. */
const COMPOUND: ReadonlySet<string> = new Set([
  'if',
  'case',
  'loop',
  'while',
  'repeat',
  'for',
  'declare',
  'end',
  'iterate',
  'leave',
  'return',
]);

function walkAny(walk: Walk): void {
  if (isMaintenance(walk)) {
    walkMaintenance(walk);
    return;
  }
  if (isAdministration(walk)) {
    walkAdministration(walk);
    return;
  }
  if (walk.sees('drop', 'prepare')) {
    walkPrepared(walk);
    return;
  }
  const word = walk.word();
  const walker = BY_WORD.get(word);
  if (walker === undefined || walk.word(1) === ':') {
    walk.fail(COMPOUND.has(word) || walk.word(1) === ':' ? 'compound statement' : 'unknown kind of statement');
  }
  walker(walk);
}

function walkRead(walk: Walk): void {
  const word = walk.word();
  walk.facts.kind = word === '(' ? 'select' : word;
  walk.facts.action = 'read';
  walkQuery(walk);
}

/** WITH in front of SELECT, UPDATE or DELETE. */
function walkWithStatement(walk: Walk): void {
  const scope = walk.scope;
  walkWith(walk);
  const word = walk.word();
  if (word === 'update') walkUpdate(walk);
  else if (word === 'delete') walkDelete(walk);
  else if (['select', '(', 'values', 'table'].includes(word)) walkRead(walk);
  else walk.fail('WITH in front of what it does not belong to');
  walk.scope = scope;
}

function walkUse(walk: Walk): void {
  walk.facts.kind = 'use';
  walk.facts.action = 'session';
  walk.at++;
  walk.name();
}
