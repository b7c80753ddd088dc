import type { Access } from '../access.js';
import type { Privilege } from '../privilege.js';
import type { PolicySubject, Verdict } from '../../../domain/verdict.js';
import { tablesNamedIn } from './places.js';
import { statementCase } from './questions.js';
import type { PolicySet } from '../../../policy/policy-set.js';
import { PRIVILEGE_SHAPES } from './shapes.js';
import { ANY_TABLE, distinctShapes, shapeScene } from './standing.js';

/** Of one rule of a grant's access, what its statements will meet as the policies stand now. */
export interface AccessOutlook {
  readonly database: string;
  /** Absent: the whole database. */
  readonly tables?: readonly string[];
  readonly runsAtOnce: readonly Privilege[];
  /** People are asked first. */
  readonly waits: readonly Privilege[];
  /** Some statements run, some wait or never run: the table, the condition or the kind decides. */
  readonly depends: readonly Privilege[];
  readonly neverRuns: readonly Privilege[];
}

export interface AccessOutlooks {
  readonly access: readonly AccessOutlook[];
  /** The shortest time that people have for a statement that waits; null when none does. */
  readonly holdSeconds: number | null;
}

type Kind = 'runsAtOnce' | 'waits' | 'depends' | 'neverRuns';

const KIND_OF: Readonly<Record<Verdict, Kind>> = { allow: 'runsAtOnce', hold: 'waits', deny: 'neverRuns' };
/** Each costs a tenth of a millisecond in a process that answers others; what is over this is left open. */
const JUDGED_MAX = 400;
const TABLES_MAX = 20;

/**
 * What of a grant's statements runs at once and what waits: found by asking the policies about the ordinary statements
 * that each privilege is for, outside of a transaction. Each statement is judged by itself all the same.
 */
export function outlookOf(policies: PolicySet, subject: PolicySubject, access: readonly Access[]): AccessOutlooks {
  let left = JUDGED_MAX;
  let holdSeconds: number | null = null;
  const kindOf = (privilege: Privilege, { database, tables }: Access): Kind => {
    const shapes = distinctShapes(
      PRIVILEGE_SHAPES[privilege].filter(({ inTransaction, inOwnDatabase }) => inOwnDatabase && !inTransaction),
      policies,
      (shape) => shapeScene(subject, { shape, database, table: ANY_TABLE }),
    );
    const asked = tables ?? [ANY_TABLE, ...tablesNamedIn(policies.sight.named, subject.target.name, database)];
    const kinds = new Set<Kind>(asked.length > TABLES_MAX ? ['depends'] : []);
    for (const table of asked.slice(0, TABLES_MAX)) {
      for (const shape of shapes) {
        left -= 1;
        if (left < 0) return 'depends';
        const { verdict, hold } = policies.judge(statementCase(shapeScene(subject, { shape, database, table })));
        if (hold !== null) holdSeconds = Math.min(holdSeconds ?? Infinity, hold.holdSeconds);
        kinds.add(KIND_OF[verdict]);
      }
    }
    const [only, ...others] = kinds;
    return only === undefined || others.length > 0 ? 'depends' : only;
  };
  const outlooks = access.map((rule): AccessOutlook => {
    const kinds = new Map(rule.privileges.map((privilege) => [privilege, kindOf(privilege, rule)]));
    const of = (kind: Kind): readonly Privilege[] => rule.privileges.filter((one) => kinds.get(one) === kind);
    return {
      database: rule.database,
      ...(rule.tables === undefined ? {} : { tables: rule.tables }),
      runsAtOnce: of('runsAtOnce'),
      waits: of('waits'),
      depends: of('depends'),
      neverRuns: of('neverRuns'),
    };
  });
  return { access: outlooks, holdSeconds };
}
