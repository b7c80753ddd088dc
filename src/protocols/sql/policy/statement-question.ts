import type { StatementAction, TableAction } from '../statement.js';
import type { ResourcePlace } from './places.js';

export type QuestionAction = StatementAction | TableAction | 'requestGrant';

/** May this action be done on this place? */
export interface StatementQuestion {
  readonly action: QuestionAction;
  readonly place: ResourcePlace;
}
