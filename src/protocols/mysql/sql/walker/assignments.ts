import { STRING, SYSTEM_SIGN, USER_VARIABLE } from '../text/tokens.js';
import { comparedName } from '../text/variable-name.js';
import { walkExpressions } from './expression.js';
import { type Walk } from './walk.js';

/** One `name = value` of a SET. */
export interface Assignment {
  /** `inherited`: no scope is written, and one before it said GLOBAL, which some servers let go on. */
  readonly scope: 'user' | 'session' | 'global' | 'inherited';
  /** As servers compare it; of a user variable as it is written. */
  readonly name: string;
  /** Index of the value's first token, and of the one after its last. */
  readonly first: number;
  readonly end: number;
  /** An expression of our own that has the value, where the statement sets the variable without naming it. */
  readonly asked?: string;
}

const GLOBAL_WORDS: ReadonlySet<string> = new Set(['global', 'persist', 'persist_only']);
const SESSION_WORDS: ReadonlySet<string> = new Set(['session', 'local']);

/** `a = 1, @b := 2, GLOBAL c = ON, @@session.d = DEFAULT`; the values' queries and calls go into the facts. */
export function walkVariableAssignments(walk: Walk): readonly Assignment[] {
  const assignments: Assignment[] = [];
  let saidGlobal = false;
  do {
    if (isCharacterSet(walk)) {
      walkCharacterSet(walk, assignments);
      continue;
    }
    const assignment = walkVariableAssignment(walk, saidGlobal);
    if (assignment.scope === 'global') saidGlobal = true;
    assignments.push(assignment);
  } while (walk.accept(','));
  return assignments;
}

const CHARACTER_SET_FORMS: readonly (readonly string[])[] = [
  ['names'],
  ['character', 'set'],
  ['char', 'set'],
  ['charset'],
];

/** NAMES and its like may stand anywhere in the list; `names = 1` is a variable. */
function isCharacterSet(walk: Walk): boolean {
  const form = CHARACTER_SET_FORMS.find((words) => walk.sees(...words));
  return form !== undefined && !['=', ':='].includes(walk.word(form.length));
}

/**
 * `NAMES utf8mb4 COLLATE utf8mb4_bin` sets the client's character set, and the connection's collation; CHARACTER SET gives
 * the connection the collation of the database.
 */
function walkCharacterSet(walk: Walk, into: Assignment[]): void {
  const isNames = walk.word() === 'names';
  walk.at += isNames || walk.word() === 'charset' ? 1 : 2;
  const isDefault = walk.word() === 'default';
  into.push(walkSetName(walk, 'character_set_client'));
  if (walk.accept('collate') && !walk.accept('default')) into.push(walkSetName(walk, 'collation_connection'));
  else if (!isNames) into.push(unnamed(walk, '@@SESSION.collation_database'));
  else if (isDefault) into.push(unnamed(walk, '@@GLOBAL.collation_connection'));
}

function unnamed({ at }: Walk, asked: string): Assignment {
  return { scope: 'session', name: 'collation_connection', first: at - 1, end: at, asked };
}

function walkSetName(walk: Walk, name: string): Assignment {
  if (!walk.isName() && walk.kind() !== STRING) walk.fail('no name where one belongs');
  walk.at++;
  return { scope: 'session', name, first: walk.at - 1, end: walk.at };
}

function walkVariableAssignment(walk: Walk, saidGlobal: boolean): Assignment {
  const target = walkTarget(walk, saidGlobal);
  if (walk.acceptAny(['=', ':=']) === '') walk.fail('no "=" where it belongs');
  const first = walk.at;
  // Some values are words that begin a clause elsewhere.
  const isWord = walk.word(1) !== '(' && walk.acceptAny(['on', 'replace', 'ignore', 'force']) !== '';
  if (!isWord) walkExpressions(walk, { oneOnly: true });
  if (walk.at === first) walk.fail('no value where one belongs');
  return { ...target, first, end: walk.at };
}

function walkTarget(walk: Walk, saidGlobal: boolean): Pick<Assignment, 'scope' | 'name'> {
  if (walk.kind() === USER_VARIABLE) {
    walk.facts.flag('user-variable');
    return { scope: 'user', name: walk.tokens.source(walk.at++) };
  }
  if (walk.kind() === SYSTEM_SIGN) {
    walk.at++;
    const parts = walk.dottedName();
    const [scope = ''] = parts;
    const lower = scope.toLowerCase();
    if (parts.length > 1 && GLOBAL_WORDS.has(lower)) return { scope: 'global', name: nameOf(parts.slice(1)) };
    if (parts.length > 1 && SESSION_WORDS.has(lower)) return { scope: 'session', name: nameOf(parts.slice(1)) };
    return { scope: 'session', name: nameOf(parts) };
  }
  if (GLOBAL_WORDS.has(walk.word()) && walk.isName(1)) {
    walk.at++;
    return { scope: 'global', name: nameOf(walk.dottedName()) };
  }
  if (SESSION_WORDS.has(walk.word()) && walk.isName(1)) {
    walk.at++;
    return { scope: 'session', name: nameOf(walk.dottedName()) };
  }
  return { scope: saidGlobal ? 'inherited' : 'session', name: nameOf(walk.dottedName()) };
}

function nameOf(parts: readonly string[]): string {
  return comparedName(parts.join('.'));
}
