import type { NeededPrivilege } from '../../domain/privilege.js';

/** A privilege as people read it, close to how GRANT spells it: `UPDATE ON shop.orders`. */
export function describePrivilege(needed: NeededPrivilege): string {
  switch (needed.on) {
    case 'table':
      return `${needed.privilege} ON ${needed.database}.${needed.table}`;
    case 'database':
      return `${needed.privilege} ON ${needed.database}.*`;
    case 'routine':
      return `${needed.privilege} ON ${needed.routine} ${needed.database}.${needed.name}`;
  }
}
