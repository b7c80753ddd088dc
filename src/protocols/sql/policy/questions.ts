import type { Access } from '../access.js';
import { SYSTEM_DATABASES } from '../privilege.js';
import type { StatementAction, StatementFacts, TouchedBy } from '../statement.js';
import type { PolicySubject } from '../../../domain/verdict.js';
import type { Context, PolicyCase, Question } from '../../../policy/vocabulary.js';
import { placeOf, type ResourcePlace } from './places.js';
import { routineName } from './routine-name.js';
import type { StatementQuestion } from './statement-question.js';
import { factReasons, questionText } from './why.js';

/** A statement as policies see it. */
export interface StatementScene extends PolicySubject {
  readonly facts: StatementFacts;
  readonly database: string | null;
  readonly inTransaction: boolean;
}

/** A request for a grant as policies see it. */
export interface GrantRequestScene extends PolicySubject {
  readonly access: readonly Access[];
  readonly ttlSeconds: number;
}

/** What a statement asks of the policies. */
export function statementCase(scene: StatementScene): PolicyCase {
  const { principal, target } = scene;
  const context = contextOf(scene);
  const questions = questionsOf(scene).map((asked) => questionOf(asked, { target, context, kind: scene.facts.kind }));
  return { principal, target, questions, reasons: () => factReasons(scene) };
}

/** What a request for a grant asks of the policies. */
export function grantCase(scene: GrantRequestScene): PolicyCase {
  const { principal, target } = scene;
  const questions = grantQuestionsOf(scene).map(({ context, ...asked }) =>
    questionOf(asked, { target, context, kind: '' }),
  );
  return { principal, target, questions, reasons: () => [] };
}

interface Around {
  readonly target: PolicySubject['target'];
  readonly context: Context;
  readonly kind: string;
}

function questionOf(asked: StatementQuestion, { target, context, kind }: Around): Question {
  const place = placeOf(target, asked.place);
  return { action: asked.action, place, context, inWords: () => questionText(asked, kind) };
}

/**
 * What a statement's facts ask of the policies: each table's use; the statement's own action, unless a table bears it;
 * `execute` for every function that is not known to be harmless; and `unknown` for what is not surely understood.
 */
export function questionsOf({ facts, database }: StatementScene): readonly StatementQuestion[] {
  const { action, tables, unknownFunctions } = facts;
  const questions: StatementQuestion[] = tables.map((use) => ({
    action: use.action,
    place: { kind: 'table', database: use.database ?? '', table: use.table },
  }));
  if (!tables.some((use) => use.action === action)) questions.push({ action, place: ownPlace(action, database) });
  // Whatever it looks like, it may be something else.
  if (facts.notUnderstood !== null) questions.push({ action: 'unknown', place: { kind: 'target' } });
  for (const routine of unknownFunctions) {
    questions.push({ action: 'execute', place: databaseOrTarget(routine.database ?? database) });
  }
  return withoutDoubles(questions);
}

/** Nobody knows what database these mean, so a right on one database is not enough for them. */
const ON_THE_TARGET: ReadonlySet<StatementAction> = new Set(['schema', 'session', 'admin', 'unknown']);

function ownPlace(action: StatementAction, database: string | null): ResourcePlace {
  return ON_THE_TARGET.has(action) ? { kind: 'target' } : databaseOrTarget(database);
}

function databaseOrTarget(database: string | null): ResourcePlace {
  return database === null ? { kind: 'target' } : { kind: 'database', database };
}

function withoutDoubles(questions: readonly StatementQuestion[]): readonly StatementQuestion[] {
  if (questions.length < 2) return questions; // as nearly always
  const seen = new Map<string, StatementQuestion>();
  for (const question of questions) seen.set(JSON.stringify(question), question);
  return [...seen.values()];
}

/** A statement's facts as the schema's `StatementFacts`, without `approved`. */
export function contextOf({ facts, database, inTransaction }: StatementScene): Context {
  const { where, hasLimit, tables } = facts;
  const isBy = (by: TouchedBy) => tables.some((use) => use.by === by);
  const written = tables.filter(({ action }) => action !== 'read' && action !== 'lock');
  const read = tables.filter(({ action }) => action === 'read');
  return {
    kind: facts.kind,
    statements: facts.statements,
    database: database ?? '',
    inTransaction,
    unparsed: facts.notUnderstood !== null,
    reason: facts.notUnderstood ?? '',
    parts: facts.statements,
    hasWhere: where !== 'none',
    whereNamesColumn: where === 'column',
    wholeTable: where !== 'column' && !hasLimit,
    hasLimit,
    functions: facts.functions,
    unknownFunctions: facts.unknownFunctions.map(routineName),
    flags: facts.flags,
    tablesRead: read.length,
    tablesWritten: written.length,
    readsSystemTables: read.some(isOfTheServer),
    writesSystemTables: written.some(isOfTheServer),
    viaView: isBy('view'),
    viaTrigger: isBy('trigger') || facts.triggers.length > 0,
    viaCascade: isBy('cascade'),
    viaRoutine: isBy('routine') || isBy('default'),
    triggers: facts.triggers,
  };
}

/** Tables that describe databases hold nothing of anybody; the rest of the server's own do. */
function isOfTheServer({ database }: { readonly database: string | null }): boolean {
  const name = database?.toLowerCase();
  return name !== undefined && name !== 'information_schema' && SYSTEM_DATABASES.has(name);
}

const READING_PRIVILEGES: ReadonlySet<string> = new Set(['SELECT', 'SHOW VIEW']);

/** What a request for a grant asks of the policies: each rule of its access is asked on its database or its tables. */
export function grantQuestionsOf({ access, ttlSeconds }: GrantRequestScene): readonly (StatementQuestion & {
  readonly context: Context;
})[] {
  return access.flatMap(({ database, tables, privileges }) => {
    const context: Context = {
      ttlSeconds,
      privileges: [...privileges],
      writes: privileges.some((privilege) => !READING_PRIVILEGES.has(privilege)),
      wholeDatabase: tables === undefined,
    };
    const places: readonly ResourcePlace[] =
      tables === undefined
        ? [{ kind: 'database', database }]
        : tables.map((table) => ({ kind: 'table', database, table }));
    return places.map((place) => ({ action: 'requestGrant' as const, place, context }));
  });
}
