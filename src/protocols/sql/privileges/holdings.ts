import type { Access } from '../access.js';
import type { LentPrivilege, NeededPrivilege } from '../privilege.js';
import { unreachable } from '../../../kernel/assert.js';

/** Privileges on one thing, as one GRANT or REVOKE names them. */
export type Holding = { readonly privileges: readonly LentPrivilege[] } & (
  | { readonly on: 'database'; readonly database: string }
  | { readonly on: 'table'; readonly database: string; readonly table: string }
  | {
      readonly on: 'routine';
      readonly database: string;
      readonly routine: 'PROCEDURE' | 'FUNCTION';
      readonly name: string;
    }
  | { readonly on: 'routine-texts'; readonly database: string }
);

/** What access rules amount to: one holding for each database or table that they name. */
export function holdingsOfAccess(access: readonly Access[]): readonly Holding[] {
  return merged(
    access.flatMap(({ database, tables, privileges }): readonly Holding[] =>
      tables === undefined
        ? [{ on: 'database', database, privileges }]
        : tables.map((table) => ({ on: 'table', database, table, privileges })),
    ),
  );
}

/** What single privileges amount to: one holding for each thing, with all its privileges. */
export function holdingsOfNeeds(needs: readonly NeededPrivilege[]): readonly Holding[] {
  return merged(needs.map(({ privilege, ...thing }) => ({ ...thing, privileges: [privilege] })));
}

/** The single privileges of a holding. */
export function needsOfHolding(holding: Holding): readonly NeededPrivilege[] {
  return holding.privileges.flatMap((privilege): readonly NeededPrivilege[] => {
    if (holding.on === 'routine-texts') {
      const isOne = privilege === 'SELECT' || privilege === 'SHOW_ROUTINE';
      return isOne ? [{ on: 'routine-texts', privilege, database: holding.database }] : [];
    }
    if (privilege === 'SHOW_ROUTINE') return [];
    switch (holding.on) {
      case 'database':
        return [{ on: 'database', privilege, database: holding.database }];
      case 'table':
        return [{ on: 'table', privilege, database: holding.database, table: holding.table }];
      case 'routine': {
        if (privilege !== 'EXECUTE' && privilege !== 'ALTER ROUTINE') return [];
        const { database, routine, name } = holding;
        return [{ on: 'routine', privilege, routine, database, name }];
      }
      default:
        return unreachable(holding);
    }
  });
}

/** What is in `held` and not, on the same thing, in `kept`. */
export function holdingsWithout(held: readonly Holding[], kept: readonly Holding[]): readonly Holding[] {
  const keptOn = new Map(kept.map((holding) => [keyOf(holding), holding.privileges]));
  return held.flatMap((holding) => {
    const stays = keptOn.get(keyOf(holding)) ?? [];
    const privileges = holding.privileges.filter((privilege) => !stays.includes(privilege));
    return privileges.length === 0 ? [] : [{ ...holding, privileges }];
  });
}

function merged(holdings: readonly Holding[]): readonly Holding[] {
  const byThing = new Map<string, Holding>();
  for (const holding of holdings) {
    const key = keyOf(holding);
    const privileges = [...new Set([...(byThing.get(key)?.privileges ?? []), ...holding.privileges])];
    if (privileges.length > 0) byThing.set(key, { ...holding, privileges });
  }
  return [...byThing.values()];
}

function keyOf(holding: Holding): string {
  switch (holding.on) {
    case 'database':
      return JSON.stringify([holding.database]);
    case 'table':
      return JSON.stringify([holding.database, holding.table]);
    case 'routine':
      return JSON.stringify([holding.database, holding.routine, holding.name]);
    case 'routine-texts':
      return JSON.stringify([holding.on]);
    default:
      return unreachable(holding);
  }
}
