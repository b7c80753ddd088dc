import { unreachable } from '../../../kernel/assert.js';
import type { Holding } from '../../sql/privileges/holdings.js';
import { quoteDatabasePattern, quoteIdentifier } from './sql-quote.js';

export function grantHolding(holding: Holding, account: string, hasPatterns: boolean): string {
  return `GRANT ${holding.privileges.join(', ')} ON ${scopeOf(holding, hasPatterns)} TO ${account}`;
}

export function revokeHolding(holding: Holding, account: string, hasPatterns: boolean): string {
  return `REVOKE ${holding.privileges.join(', ')} ON ${scopeOf(holding, hasPatterns)} FROM ${account}`;
}

/** Only where a whole database is meant does GRANT read the name as a pattern. */
function scopeOf(holding: Holding, hasPatterns: boolean): string {
  const database = quoteIdentifier(holding.database);
  switch (holding.on) {
    case 'database':
      return `${hasPatterns ? quoteDatabasePattern(holding.database) : database}.*`;
    case 'table':
      return `${database}.${quoteIdentifier(holding.table)}`;
    case 'routine':
      return `${holding.routine} ${database}.${quoteIdentifier(holding.name)}`;
    case 'routine-texts':
      return holding.privileges.includes('SHOW_ROUTINE') ? '*.*' : '`mysql`.`proc`';
    default:
      return unreachable(holding);
  }
}
