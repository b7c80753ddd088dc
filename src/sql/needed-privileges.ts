import type { NeededPrivilege } from '../domain/privilege.js';
import type { StatementFacts } from '../domain/statement.js';

/** What MySQL and MariaDB check before they run a statement of these facts; never on a system database. */
export function neededPrivileges(facts: StatementFacts): readonly NeededPrivilege[] {
  void facts;
  return [];
}
