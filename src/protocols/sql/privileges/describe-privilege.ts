import type { NeededPrivilege } from '../privilege.js';

/** A privilege as people read it, close to how GRANT spells it: `UPDATE ON shop.orders`. */
export function describePrivilege(needed: NeededPrivilege): string {
  return `${needed.privilege} ON ${scopeOf(needed)}`;
}

function scopeOf(needed: NeededPrivilege): string {
  if (needed.on === 'table') return `${needed.database}.${needed.table}`;
  if (needed.on === 'routine-texts') return needed.privilege === 'SHOW_ROUTINE' ? '*.*' : 'mysql.proc';
  return needed.on === 'database' ? `${needed.database}.*` : `${needed.routine} ${needed.database}.${needed.name}`;
}
