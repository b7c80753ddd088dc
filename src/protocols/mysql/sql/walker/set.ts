import type { StatementAction } from '../../../sql/statement.js';
import { HARMLESS_SESSION_VARIABLES, HARMLESS_WHEN_OFF, OFF } from '../session/session-variables.js';
import { type Assignment, walkVariableAssignments } from './assignments.js';
import { type Walk } from './walk.js';

/** SET in all its forms. Which values a session's own variables may take, `sessionChange` says. */
export function walkSet(walk: Walk): void {
  walk.expect('set');
  walk.facts.kind = 'set';
  walk.facts.action = 'session';
  if (walk.isMariadb && walk.sees('statement') && walk.word(1) !== '=') {
    walkSetStatement(walk);
    return;
  }
  if (walkNamedForm(walk)) return;
  walkAssignments(walk);
}

function walkAssignments(walk: Walk): void {
  walk.facts.outsideOfQueries(() => {
    for (const assignment of walkVariableAssignments(walk)) noteAssignment(walk, assignment);
  });
}

/** The forms that are no list of assignments: the words that begin them, and what they amount to. */
const FORMS: readonly { readonly words: readonly string[]; readonly action: StatementAction }[] = [
  { words: ['password'], action: 'admin' },
  { words: ['default', 'role'], action: 'admin' },
  { words: ['role'], action: 'admin' },
  { words: ['resource', 'group'], action: 'admin' },
  { words: ['session', 'authorization'], action: 'admin' },
  { words: ['global', 'transaction'], action: 'admin' },
  { words: ['session', 'transaction'], action: 'session' },
  { words: ['local', 'transaction'], action: 'session' },
  { words: ['transaction'], action: 'session' },
];

function walkNamedForm(walk: Walk): boolean {
  const form = FORMS.find(({ words }) => walk.sees(...words));
  if (form === undefined) return false;
  const behind = walk.word(form.words.length);
  if (behind === '=' || behind === ':=') {
    if (form.words[0] !== 'password') return false; // a variable of that name
  }
  walk.facts.kind = `set ${form.words.join(' ')}`;
  walk.facts.action = form.action;
  walk.at += form.words.length;
  if (form.action === 'admin') walk.skipRest();
  else walkTransaction(walk);
  return true;
}

/** `ISOLATION LEVEL READ COMMITTED, READ ONLY` */
function walkTransaction(walk: Walk): void {
  const words = [
    'isolation',
    'level',
    'read',
    'committed',
    'uncommitted',
    'repeatable',
    'serializable',
    'only',
    'write',
    ',',
  ];
  while (walk.acceptAny(words) !== '');
}

/** `SET STATEMENT a = 1 FOR …` is the statement after it, with variables of its own. */
function walkSetStatement(walk: Walk): void {
  walk.at++;
  walkAssignments(walk);
  walk.expect('for');
  walk.facts.firstToken = walk.at;
  walk.walkers.statement(walk);
  walk.facts.flag('system-variable');
}

function noteAssignment(walk: Walk, assignment: Assignment): void {
  const { scope, name } = assignment;
  if (scope === 'user') return;
  walk.facts.flag('system-variable');
  if (name === 'autocommit') walk.facts.flag('autocommit');
  if (scope === 'global' || scope === 'inherited') walk.facts.action = 'admin';
  else if (!HARMLESS_SESSION_VARIABLES.has(name) && !isSwitchedOff(walk, assignment))
    walk.facts.unread('a session variable that is not known to be harmless');
}

function isSwitchedOff({ tokens }: Walk, { name, first, end }: Assignment): boolean {
  return HARMLESS_WHEN_OFF.has(name) && end === first + 1 && OFF.has(tokens.source(first).toLowerCase());
}
