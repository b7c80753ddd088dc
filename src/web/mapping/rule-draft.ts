import type { IdentityMappingView } from '../../contracts/identity/identity-mapping.js';
import { linesIn, wordsIn } from '../texts/lists.js';

export type MappingRule = IdentityMappingView['rules'][number];
type Wanted = MappingRule['when'][string];
type Scalar = Exclude<Wanted, readonly unknown[]>;

/** A rule as it is filled in. */
export interface RuleDraft extends Pick<MappingRule, 'provider' | 'kind' | 'principal' | 'roles'> {
  readonly conditions: readonly { readonly claim: string; readonly values: string }[];
  readonly groups: string;
}

export function blankRule(provider: string): RuleDraft {
  return {
    provider,
    kind: 'user',
    principal: '{email|lower}',
    roles: [],
    conditions: [{ claim: 'groups', values: '' }],
    groups: '',
  };
}

export function draftOfRule({ provider, kind, principal, roles, when, groups }: MappingRule): RuleDraft {
  const conditions = Object.entries(when).map(([claim, wanted]) => ({
    claim,
    values: valuesOf(wanted).map(writtenValue).join('\n'),
  }));
  return { provider, kind, principal, roles, conditions, groups: groups.join(' ') };
}

export function ruleOf({ provider, kind, principal, roles, conditions, groups }: RuleDraft): MappingRule {
  const when = conditions
    .filter(({ claim }) => claim.trim() !== '')
    .map(({ claim, values }) => [claim.trim(), wantedOf(linesIn(values).map(readValue))] as const);
  return {
    provider,
    kind,
    principal: principal.trim(),
    roles,
    when: Object.fromEntries(when),
    groups: wordsIn(groups),
  };
}

/** The values of which one must be there. */
export function valuesOf(wanted: Wanted): readonly Scalar[] {
  return Array.isArray(wanted) ? wanted : [wanted];
}

/** A text as it is, unless it would be read as something else; numbers, true and false as JSON has them. */
export function writtenValue(value: Scalar): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return readValue(value) === value ? value : JSON.stringify(value);
}

export function sameRules(one: readonly MappingRule[], other: readonly MappingRule[]): boolean {
  return JSON.stringify(one.map(ordered)) === JSON.stringify(other.map(ordered));
}

function ordered({ provider, when, principal, kind, roles, groups }: MappingRule): unknown {
  return [provider, Object.entries(when), principal, kind, roles, groups];
}

function readValue(line: string): Scalar {
  if (!/^(?:true|false|-?\d.*|".*")$/s.test(line)) return line;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : line;
  } catch {
    return line;
  }
}

function wantedOf(values: readonly Scalar[]): Wanted {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : [...values];
}
