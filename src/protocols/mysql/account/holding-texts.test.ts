import { describe, expect, it } from 'vitest';
import type { NeededPrivilege } from '../../sql/privilege.js';
import { holdingsOfNeeds } from '../../sql/privileges/holdings.js';
import { grantHolding, revokeHolding } from './holding-texts.js';

const NEEDS: readonly NeededPrivilege[] = [
  { on: 'table', privilege: 'UPDATE', database: 'sh_op', table: 'or`ders' },
  { on: 'database', privilege: 'LOCK TABLES', database: 'sh_op' },
  { on: 'table', privilege: 'SELECT', database: 'sh_op', table: 'or`ders' },
  { on: 'routine', privilege: 'EXECUTE', routine: 'FUNCTION', database: 'sh_op', name: 'total' },
];

describe('holdings', () => {
  it('are one statement for each thing, with all its privileges', () => {
    expect(holdingsOfNeeds(NEEDS).map((holding) => grantHolding(holding, `'a'@'%'`, true))).toEqual([
      "GRANT UPDATE, SELECT ON `sh_op`.`or``ders` TO 'a'@'%'",
      "GRANT LOCK TABLES ON `sh\\_op`.* TO 'a'@'%'",
      "GRANT EXECUTE ON FUNCTION `sh_op`.`total` TO 'a'@'%'",
    ]);
  });

  it('are revoked on what they were granted on', () => {
    const on = (statement: string) => / ON (.*) (?:TO|FROM) /.exec(statement)?.[1];
    for (const hasPatterns of [true, false]) {
      for (const holding of holdingsOfNeeds(NEEDS)) {
        const given = on(grantHolding(holding, 'a', hasPatterns));
        expect(given).toBeDefined();
        expect(on(revokeHolding(holding, 'a', hasPatterns))).toBe(given);
      }
    }
  });
});
