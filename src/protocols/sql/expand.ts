import {
  databaseKey,
  routineKey,
  tableKey,
  type CatalogForeignKey,
  type CatalogRoutine,
  type CatalogSnapshot,
  type CatalogTrigger,
  type CodeTouch,
  type TableKey,
  type TriggerEvent,
} from './catalog.js';
import type { RoutineName, StatementFacts, StatementFlag, TableAction, TableUse, TouchedBy } from './statement.js';

/** A statement that leads to more than this is not understood: nobody could judge it. */
const USES_MAX = 1_000;

/**
 * Adds to a statement's facts what the target's catalog says that it really touches: the tables below its views, the
 * triggers that would fire and what they touch, the tables that foreign keys would change, what the stored routines
 * touch that it calls. `database` is the session's: unqualified routines are looked for in it.
 *
 * What the catalog cannot say makes the statement not understood; what it does not know stays as the statement names it.
 * Privileges are derived from the facts before this, since what stored code touches is done in its owner's name.
 */
export function expandFacts(facts: StatementFacts, snapshot: CatalogSnapshot, database: string | null): StatementFacts {
  return expandStatement(facts, snapshot, database).facts;
}

/** What `DEFAULT(column)` and `SET column = DEFAULT` are called among the functions. */
export const DEFAULT_FUNCTION = 'default';
const COUNTING_FUNCTIONS: ReadonlySet<string> = new Set(['nextval', 'lastval']);

export interface ExpandedStatement {
  readonly facts: StatementFacts;
  /** The foreign keys that would change further tables, in words: `shop.orders → shop.notes ON DELETE CASCADE`. */
  readonly cascades: readonly string[];
}

/** As {@link expandFacts}, with what is for people only. */
export function expandStatement(
  facts: StatementFacts,
  snapshot: CatalogSnapshot,
  database: string | null,
): ExpandedStatement {
  if (snapshot.problem !== null) {
    const touches = facts.tables.length > 0 || facts.unknownFunctions.length > 0;
    const notUnderstood = touches ? (facts.notUnderstood ?? snapshot.problem) : facts.notUnderstood;
    return { facts: { ...facts, notUnderstood }, cascades: [] };
  }
  const expansion = new Expansion(facts, snapshot);
  for (const use of facts.tables) expansion.addTable(use);
  for (const routine of facts.unknownFunctions) expansion.addRoutine(routine, database, 'routine');
  return { facts: expansion.facts(), cascades: [...expansion.cascades].sort() };
}

/** One table that is touched, with what matters for what follows from it. */
interface Step {
  readonly use: TableUse & { readonly database: string };
  /** Columns of other tables that it may change follow from the names in the text. */
  readonly named: boolean;
}

class Expansion {
  readonly cascades = new Set<string>();
  readonly #base: StatementFacts;
  readonly #snapshot: CatalogSnapshot;
  readonly #columns: ReadonlySet<string>;
  readonly #uses = new Map<string, TableUse>();
  readonly #expanded = new Set<string>();
  readonly #functions: Set<string>;
  readonly #routines = new Map<string, RoutineName>();
  readonly #triggers: Set<string>;
  readonly #flags: Set<StatementFlag>;
  #notUnderstood: string | null;

  constructor(facts: StatementFacts, snapshot: CatalogSnapshot) {
    this.#base = facts;
    this.#snapshot = snapshot;
    this.#columns = new Set(facts.columns.map((column) => column.toLowerCase()));
    this.#functions = new Set(facts.functions);
    this.#triggers = new Set(facts.triggers);
    this.#flags = new Set(facts.flags);
    this.#notUnderstood = facts.notUnderstood;
  }

  facts(): StatementFacts {
    return {
      ...this.#base,
      tables: [...this.#uses.values()],
      functions: [...this.#functions],
      unknownFunctions: [...this.#routines.values()],
      triggers: [...this.#triggers].sort(),
      flags: [...this.#flags],
      notUnderstood: this.#notUnderstood,
    };
  }

  /** Adds a table, and all that follows from touching it so. */
  addTable(use: TableUse, named = this.#base.notUnderstood === null): void {
    const { database, table, action, by } = use;
    const id = JSON.stringify([database, table, action, by, named]);
    if (this.#expanded.has(id)) return;
    this.#expanded.add(id);
    if (this.#uses.size >= USES_MAX) {
      this.#refuse('it touches more tables than the broker looks at');
      return;
    }
    this.#uses.set(JSON.stringify([database, table, action, by]), use);
    if (database === null) return;
    const step: Step = { use: { ...use, database }, named: named && by === 'text' };
    if (this.#expandView(step)) return;
    this.#evaluateDefaults(step);
    this.#followWrites(step);
  }

  /** An inserted row has the defaults of all columns evaluated, whatever the text gives them; else DEFAULT does it. */
  #evaluateDefaults({ use }: Step): void {
    const inserts = use.action === 'insert' || use.action === 'replace';
    if (!inserts && !this.#functions.has(DEFAULT_FUNCTION)) return;
    const defaults = this.#snapshot.defaults.get(tableKey(this.#snapshot, use.database, use.table));
    if (defaults === undefined) return;
    // Those of the statement's own tables are evaluated in the name of the one who sends it.
    const by = use.by === 'text' ? 'default' : use.by;
    // Counting on belongs to the row that is inserted, as it does with AUTO_INCREMENT; elsewhere it is an effect.
    const routines = defaults.routines.filter(({ name }) => !inserts || !COUNTING_FUNCTIONS.has(name.toLowerCase()));
    for (const flag of defaults.flags) this.#flags.add(flag);
    this.#addTouch({ ...defaults, routines }, use.database, by, `a default of ${use.database}.${use.table}`);
  }

  /** True when it is a view: then what follows is a matter of the tables below it. */
  #expandView({ use }: Step): boolean {
    const view = this.#snapshot.views.get(tableKey(this.#snapshot, use.database, use.table));
    if (view === undefined) return false;
    if (use.action === 'schema') return true;
    this.#addTouch(view.touches, view.database, 'view', `the view ${view.database}.${view.table}`);
    // Which of the tables below it is written depends on the columns; all of them may be.
    if (use.action !== 'read' && (view.isUpdatable || use.action === 'lock')) {
      for (const below of view.touches.tables) this.addTable({ ...below, action: use.action, by: 'view' }, false);
    }
    return true;
  }

  #followWrites(step: Step): void {
    const events = eventsOf(step.use, this.#base.flags.includes('on-duplicate-key'));
    if (events.length === 0) return;
    const key = tableKey(this.#snapshot, step.use.database, step.use.table);
    // Neither server fires triggers for rows that a foreign key changes.
    const triggers = step.use.by === 'cascade' ? [] : this.#triggersOf(step, key, events);
    for (const trigger of triggers) {
      const name = `${trigger.database}.${trigger.name}`;
      this.#triggers.add(name);
      this.#addTouch(trigger.touches, trigger.database, 'trigger', `the trigger ${name}`);
    }
    // A trigger can change columns that the text does not name.
    const columns = step.named && !triggers.some(({ event }) => event === 'update') ? this.#columns : null;
    for (const foreignKey of this.#snapshot.foreignKeys.get(key) ?? []) this.#cascade(foreignKey, events, columns);
  }

  #triggersOf({ use }: Step, key: TableKey, events: readonly TriggerEvent[]): readonly CatalogTrigger[] {
    const unseen = this.#snapshot.triggersUnseen.get(databaseKey(this.#snapshot, use.database));
    if (unseen !== undefined) this.#refuse(unseen);
    return (this.#snapshot.triggers.get(key) ?? []).filter(({ event }) => events.includes(event));
  }

  #cascade(
    { child, parent, onDelete, onUpdate, parentColumns }: CatalogForeignKey,
    events: readonly TriggerEvent[],
    columns: ReadonlySet<string> | null,
  ): void {
    const follow = (action: TableAction, rule: string): void => {
      this.cascades.add(`${parent.database}.${parent.table} → ${child.database}.${child.table} ON ${rule}`);
      this.addTable({ ...child, action, by: 'cascade' }, false);
    };
    if (events.includes('delete') && onDelete !== 'none') {
      follow(onDelete === 'cascade' ? 'delete' : 'update', `DELETE ${onDelete.toUpperCase()}`);
    }
    const changesKey =
      columns === null || parentColumns === null || parentColumns.some((column) => columns.has(column));
    if (events.includes('update') && onUpdate !== 'none' && changesKey) {
      follow('update', `UPDATE ${onUpdate.toUpperCase()}`);
    }
  }

  #addTouch(touches: CodeTouch, database: string, by: TouchedBy, what: string): void {
    if (touches.unknown !== null) this.#refuse(`the broker does not know what ${what} does: ${touches.unknown}`);
    for (const name of touches.functions) this.#functions.add(name);
    for (const use of touches.tables) this.addTable({ ...use, by }, false);
    for (const routine of touches.routines) this.addRoutine(routine, database, by);
  }

  /** Adds a routine that is called; it stays unknown, and what its body touches is added where that can be seen. */
  addRoutine(routine: RoutineName, database: string | null, by: TouchedBy): void {
    const found = this.#routinesOf(routine, routine.database ?? database);
    const [first] = found;
    const name = first === undefined ? routine : { database: first.database, name: first.name };
    this.#routines.set(JSON.stringify(name), name);
    for (const known of found) {
      const id = JSON.stringify(['routine', known.kind, known.database, known.name, by]);
      if (this.#expanded.has(id)) continue;
      this.#expanded.add(id);
      this.#addRoutineBody(known, by === 'trigger' ? by : 'routine');
    }
  }

  /** That its body is not known adds nothing: as an unknown function it is the worst already. */
  #addRoutineBody({ touches, database }: CatalogRoutine, by: TouchedBy): void {
    for (const name of touches.functions) this.#functions.add(name);
    for (const use of touches.tables) this.addTable({ ...use, by }, false);
    for (const routine of touches.routines) this.addRoutine(routine, database, by);
  }

  /** The name alone does not say whether a function or a procedure is called; both may be there. */
  #routinesOf({ name }: RoutineName, database: string | null): readonly CatalogRoutine[] {
    if (database === null) return [];
    const kinds = ['function', 'procedure'] as const;
    return kinds.flatMap((kind) => {
      const known = this.#snapshot.routines.get(routineKey(this.#snapshot, kind, database, name));
      return known === undefined ? [] : [known];
    });
  }

  #refuse(why: string): void {
    this.#notUnderstood ??= why;
  }
}

/** What an action is to triggers and foreign keys. An insert of the statement itself may update what is there. */
function eventsOf({ action, by }: TableUse, updatesDuplicates: boolean): readonly TriggerEvent[] {
  switch (action) {
    case 'insert':
      return updatesDuplicates && (by === 'text' || by === 'view') ? ['insert', 'update'] : ['insert'];
    case 'replace':
      return ['insert', 'delete'];
    case 'update':
    case 'delete':
      return [action];
    default:
      return [];
  }
}
