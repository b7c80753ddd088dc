import { z } from 'zod';
import { commonLimits, defaultDatabase } from '../../contracts/grants/target.js';
import type { TargetLimits } from '../../domain/target.js';
import { BrokerError } from '../../kernel/errors.js';
import { requestValue } from '../../protocol/request-value.js';
import type { TargetRules, TargetTerms } from '../../protocol/target-rules.js';
import { DEFAULT_PRIVILEGES, PRIVILEGES, type Privilege, SYSTEM_DATABASES } from './privilege.js';

const DATABASES_MAX = 100;

/** What may be asked for at all on a target. */
export interface SqlLimits extends TargetLimits {
  readonly privileges: readonly Privilege[];
  /** Databases that access may name; absent: any but the system ones. */
  readonly databases?: readonly string[] | undefined;
}

const databaseName = defaultDatabase.refine(
  (name) => !SYSTEM_DATABASES.has(name.toLowerCase()),
  'must not be a database of the server itself',
);
const privileges = z.array(z.enum(PRIVILEGES)).min(1).max(PRIVILEGES.length);
const databases = z.array(databaseName).min(1).max(DATABASES_MAX);
const { ttlSecondsMax, sessionsMax } = commonLimits;

export const limitsRequest = z.strictObject({
  ttlSecondsMax: ttlSecondsMax.default(3_600),
  privileges: privileges.default([...DEFAULT_PRIVILEGES]),
  databases: databases.optional().meta({ description: "Absent: any but the server's own." }),
  sessionsMax: sessionsMax.default(16),
});

export const limitsChange = z.strictObject({
  ttlSecondsMax: ttlSecondsMax.optional(),
  privileges: privileges.optional(),
  databases: databases.nullable().optional().meta({ description: "null: any but the server's own." }),
  sessionsMax: sessionsMax.optional(),
});

/** As they are stored and shown. */
export const sqlLimits: z.ZodType<SqlLimits> = z.object({
  ttlSecondsMax: z.int(),
  privileges: z.array(z.enum(PRIVILEGES)).readonly(),
  databases: z.array(z.string()).readonly().optional(),
  sessionsMax: z.int(),
});

const registration = z.object({ limits: limitsRequest.prefault({}), defaultDatabase: databaseName.nullable() });
const change = z.object({ limits: limitsChange.optional(), defaultDatabase: databaseName.nullable().optional() });

/** Targets of relational databases. */
export const SQL_TARGETS: TargetRules = {
  registered({ limits, defaultDatabase: asked = null }) {
    const terms = requestValue(registration, { limits, defaultDatabase: asked }, []);
    requireInLimits(terms.limits, terms.defaultDatabase);
    return terms;
  },
  changed(terms, asked) {
    const before = sqlLimits.parse(terms.limits);
    const changed = requestValue(change, asked, []);
    const limits = changedLimits(before, changed.limits);
    const database = changed.defaultDatabase === undefined ? terms.defaultDatabase : changed.defaultDatabase;
    requireInLimits(limits, database);
    const asksForMore = (database !== null && database !== terms.defaultDatabase) || isWider(limits, before);
    return { terms: { limits, defaultDatabase: database }, asksForMore };
  },
};

/** The account needs more than before. Narrowing works while the target is away. */
function isWider(limits: SqlLimits, before: SqlLimits): boolean {
  const hasNewPrivilege = limits.privileges.some((privilege) => !before.privileges.includes(privilege));
  if (before.databases === undefined) return hasNewPrivilege;
  const known = new Set(before.databases);
  return hasNewPrivilege || limits.databases === undefined || limits.databases.some((name) => !known.has(name));
}

function changedLimits(limits: SqlLimits, asked: z.infer<typeof limitsChange> = {}): SqlLimits {
  const kept = asked.databases === undefined ? limits.databases : (asked.databases ?? undefined);
  return {
    ttlSecondsMax: asked.ttlSecondsMax ?? limits.ttlSecondsMax,
    privileges: asked.privileges ?? limits.privileges,
    ...(kept === undefined ? {} : { databases: kept }),
    sessionsMax: asked.sessionsMax ?? limits.sessionsMax,
  };
}

/** Every grant that names no database would be refused. */
function requireInLimits({ databases: named }: SqlLimits, database: TargetTerms['defaultDatabase']): void {
  if (database === null || named === undefined || named.includes(database)) return;
  throw new BrokerError('target_database_missing', {
    detail: `${JSON.stringify(database)} is not among the databases of its limits.`,
  });
}
