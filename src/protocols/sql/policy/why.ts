import { shownLine } from '../../../domain/visible-text.js';
import { unreachable } from '../../../kernel/assert.js';
import type { StatementFacts } from '../statement.js';
import type { ResourcePlace } from './places.js';
import type { StatementQuestion } from './statement-question.js';
import { routineName } from './routine-name.js';

const NAMES_SHOWN_MAX = 5;

/** Plain words for why a statement is not simply let through, one sentence for each reason in its facts. */
export function factReasons({ facts }: { readonly facts: StatementFacts }): readonly string[] {
  const { kind, notUnderstood, statements, unknownFunctions, where, tables, triggers, flags } = facts;
  if (notUnderstood !== null) return [`The broker did not understand the statement: ${shownLine(notUnderstood)}.`];
  const reasons: string[] = [];
  if (statements > 1) reasons.push(`The text holds ${statements} statements.`);
  const wide = tables.filter(
    ({ action, by }) => by === 'text' && where !== 'column' && (action === 'update' || action === 'delete'),
  );
  for (const { action, database, table } of wide.slice(0, NAMES_SHOWN_MAX)) {
    reasons.push(`${action.toUpperCase()} on ${tableName(database, table)} has no WHERE that names a column.`);
  }
  if (unknownFunctions.length > 0) {
    reasons.push(
      `It calls functions that the broker does not know to be harmless: ${list(unknownFunctions.map(routineName))}.`,
    );
  }
  if (flags.includes('locking-read')) {
    reasons.push('It locks the rows that it reads until its transaction ends.');
  }
  if (flags.includes('task-owned')) reasons.push(ownedReason(kind));
  if (triggers.length > 0) reasons.push(`It fires triggers: ${list(triggers)}.`);
  return reasons;
}

/** The servers keep a thing and refuse to run it once its owner is gone. */
function ownedReason(kind: string): string {
  const owner = 'What it makes belongs to the task account, which is dropped when the grant ends';
  if (kind.endsWith('trigger')) return `${owner}: from then on every change that fires the trigger fails.`;
  if (kind.endsWith('event')) return `${owner}: from then on the event does not run.`;
  return `${owner}: from then on nobody can use it. SQL SECURITY INVOKER avoids that.`;
}

/** What a question is about: `UPDATE on shop.orders`, `execute in the database shop`, `admin (CREATE USER) on the target`. */
export function questionText({ action, place }: StatementQuestion, kind: string): string {
  return `${actionText(action, kind)} ${placeText(place)}`;
}

function actionText(action: StatementQuestion['action'], kind: string): string {
  switch (action) {
    case 'read':
      return 'reading';
    case 'insert':
    case 'update':
    case 'delete':
    case 'replace':
      return action.toUpperCase();
    case 'execute':
      return 'running code';
    case 'requestGrant':
      return 'asking for a grant';
    case 'unknown':
      return 'a statement that is not understood';
    default:
      return kind === '' ? action : `${shownLine(kind).toUpperCase()} (${action})`;
  }
}

function placeText(place: ResourcePlace): string {
  switch (place.kind) {
    case 'target':
      return 'on the target';
    case 'database':
      return `in the database ${shownLine(place.database)}`;
    case 'table':
      return `on ${tableName(place.database, place.table)}`;
    default:
      return unreachable(place);
  }
}

function tableName(database: string | null, table: string): string {
  return database === null || database === '' ? shownLine(table) : `${shownLine(database)}.${shownLine(table)}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).map(shownLine).join(', ');
  return names.length > NAMES_SHOWN_MAX ? `${shown} and ${names.length - NAMES_SHOWN_MAX} more` : shown;
}
