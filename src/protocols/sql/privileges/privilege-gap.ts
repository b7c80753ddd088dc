import type { Access } from '../access.js';
import { SYSTEM_DATABASES, TABLE_PRIVILEGES, type NeededPrivilege } from '../privilege.js';

export interface PrivilegeGap {
  /** What does not stand and may be given for one statement. */
  readonly missing: readonly NeededPrivilege[];
  /** What the grant does not cover, so that nothing and nobody can give it. */
  readonly outside: readonly NeededPrivilege[];
}

/**
 * What of `needs` the standing privileges do not cover: `missing` where the grant's access, its ceiling, covers it, else
 * `outside`. Nothing of a system database is ever covered.
 *
 * Names are compared exactly, as targets with `lower_case_table_names=0` do. On others a name in different letter case
 * is another name here, and is refused rather than given.
 */
export function privilegeGap(
  needs: readonly NeededPrivilege[],
  standing: readonly Access[],
  ceiling: readonly Access[],
): PrivilegeGap {
  const missing = new Map<string, NeededPrivilege>();
  const outside = new Map<string, NeededPrivilege>();
  for (const need of needs.map(asItCanBeGiven)) {
    // Asked for where the grant covers the routine that is shown, and by no policy ever standing.
    if (need.on === 'routine-texts') missing.set(JSON.stringify(need), need);
    else if (!isCovered(need, ceiling)) outside.set(JSON.stringify(need), need);
    else if (!isCovered(need, standing)) missing.set(JSON.stringify(need), need);
  }
  return { missing: [...missing.values()], outside: [...outside.values()] };
}

/** Some privileges exist on databases only (LOCK TABLES, EVENT, …), whatever single table they are needed for. */
function asItCanBeGiven(need: NeededPrivilege): NeededPrivilege {
  if (need.on !== 'table' || TABLE_PRIVILEGES.has(need.privilege)) return need;
  return { on: 'database', privilege: need.privilege, database: need.database };
}

function isCovered(need: Exclude<NeededPrivilege, { on: 'routine-texts' }>, access: readonly Access[]): boolean {
  if (SYSTEM_DATABASES.has(need.database.toLowerCase())) return false;
  return access.some(
    ({ database, tables, privileges }) =>
      database === need.database &&
      privileges.includes(need.privilege) &&
      (tables === undefined || (need.on === 'table' && tables.includes(need.table))),
  );
}
