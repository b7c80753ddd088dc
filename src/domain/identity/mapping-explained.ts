import { shownLine } from '../visible-text.js';
import { claimHas, claimOf } from './claim-path.js';
import {
  KINDS_OF_USE,
  mapIdentity,
  type MappingOutcome,
  type MappingRule,
  type ProviderUse,
} from './identity-mapping.js';
import { type VerifiedIdentity } from './verified-identity.js';

const SHOWN_CHARACTERS_MAX = 200;

/** Why the mapping makes of an identity what it makes. */
export interface MappingExplanation {
  readonly outcome: MappingOutcome;
  /** Every rule, in order; one after the first that fits fits as well or not, and does not count. */
  readonly rules: readonly RuleExplanation[];
}

export interface RuleExplanation {
  /** Counted from 0. */
  readonly rule: number;
  readonly fits: boolean;
  readonly misses: readonly RuleMiss[];
}

/** One thing that a rule wants and the identity is not; values are JSON in one line, shortened. */
export interface RuleMiss {
  readonly about: 'provider' | 'kind' | 'claim';
  /** The path, where it is about a claim. */
  readonly claim: string | null;
  readonly wanted: string;
  /** Null: there is no such claim. */
  readonly found: string | null;
}

/** What each rule says of the identity, and what follows. */
export function explainMapping(
  rules: readonly MappingRule[],
  identity: VerifiedIdentity,
  use: ProviderUse,
): MappingExplanation {
  return {
    outcome: mapIdentity(rules, identity, use),
    rules: rules.map((rule, index) => {
      const misses = missesOf(rule, identity, use);
      return { rule: index, fits: misses.length === 0, misses };
    }),
  };
}

function missesOf(rule: MappingRule, identity: VerifiedIdentity, use: ProviderUse): readonly RuleMiss[] {
  if (rule.provider !== identity.provider) {
    return [{ about: 'provider', claim: null, wanted: shown(rule.provider), found: shown(identity.provider) }];
  }
  const misses: RuleMiss[] = [];
  if (!KINDS_OF_USE[use].includes(rule.kind)) {
    misses.push({ about: 'kind', claim: null, wanted: shown(rule.kind), found: shown(KINDS_OF_USE[use]) });
  }
  for (const [claim, wanted] of Object.entries(rule.when)) {
    const value = claimOf(identity, claim);
    if (claimHas(value, wanted)) continue;
    misses.push({ about: 'claim', claim, wanted: shown(wanted), found: value === undefined ? null : shown(value) });
  }
  return misses;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  const line = shownLine(json.slice(0, SHOWN_CHARACTERS_MAX));
  return json.length > SHOWN_CHARACTERS_MAX ? `${line}…` : line;
}
