import { GROUP_NAME, GROUPS_MAX, type PrincipalKind, type Role } from '../principal.js';
import { claimHas, claimOf, textsOf, type WantedClaim } from './claim-path.js';
import {
  fillTemplate,
  filteredText,
  type TemplateFault,
  type TemplateFilter,
  type TemplatePart,
  templateParts,
} from './claim-template.js';
import { type VerifiedIdentity } from './verified-identity.js';

/** Whom an identity provider vouches for: agents, by bearer tokens, or people, who sign in. */
export const PROVIDER_USES = ['agents', 'people'] as const;
export type ProviderUse = (typeof PROVIDER_USES)[number];

/** The kinds of principal that a rule may make of a token's sender, and of a person who signs in. */
export const KINDS_OF_USE: Readonly<Record<ProviderUse, readonly PrincipalKind[]>> = {
  agents: ['agent', 'service'],
  people: ['user'],
};

/** One line of the mapping: an identity that has these claims is this principal. The first rule that fits decides. */
export interface MappingRule {
  readonly provider: string;
  /** Claim paths with the value, or the values, of which one must be there; see {@link claimOf}. */
  readonly when: Readonly<Record<string, WantedClaim>>;
  /** A template; the provider's name and a colon come before it. */
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  /** Names of groups, or templates with one claim; a claim that is a list gives a group for each element. */
  readonly groups: readonly string[];
}

/** Who an identity is in this broker. */
export interface MappedPrincipal {
  /** The rule that fits, counted from 0. */
  readonly rule: number;
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly leftOut: readonly GroupRefusal[];
}

/** A group that a claim names and the principal does not get. */
export interface GroupRefusal {
  /** The rule's own text for it. */
  readonly template: string;
  /** As the claim has it, null where it is no text. */
  readonly value: string | null;
  readonly why: 'claim_missing' | 'no_text' | 'no_group_name' | 'over_limit';
}

/** Why an identity is nobody in this broker; `rule` is the one that fitted. */
export interface MappingRefusal {
  readonly rule: number | null;
  readonly why: MappingFault;
  readonly claim: string | null;
}

export type MappingFault = TemplateFault | 'no_rule' | 'name_characters' | 'name_long';

export type MappingOutcome = { readonly principal: MappedPrincipal } | { readonly refusal: MappingRefusal };

/** Principals' names are not longer, with the provider's name and the colon. */
export const MAPPED_NAME_CHARACTERS_MAX = 128;
/** What may come after the colon. */
export const MAPPED_NAME = /^[a-z0-9][a-z0-9._@+/-]*$/;

/**
 * Who the identity is by the first rule that fits it. When that rule gives no name that can stand, no later rule is
 * asked: what an identity is must not depend on which characters its claims have.
 */
export function mapIdentity(
  rules: readonly MappingRule[],
  identity: VerifiedIdentity,
  use: ProviderUse,
): MappingOutcome {
  const index = rules.findIndex((rule) => ruleFits(rule, identity, use));
  const rule = rules[index];
  return rule === undefined ? refused(null, 'no_rule', null) : mappedBy(rule, index, identity);
}

/** Whether the rule is for this provider and this use, and the claims have all that it wants. */
export function ruleFits(rule: MappingRule, identity: VerifiedIdentity, use: ProviderUse): boolean {
  return (
    rule.provider === identity.provider &&
    KINDS_OF_USE[use].includes(rule.kind) &&
    Object.entries(rule.when).every(([path, wanted]) => claimHas(claimOf(identity, path), wanted))
  );
}

function mappedBy(rule: MappingRule, index: number, identity: VerifiedIdentity): MappingOutcome {
  const filled = fillTemplate(templateParts(rule.principal) ?? [], identity);
  if ('why' in filled) return refused(index, filled.why, filled.claim);
  const name = `${identity.provider}:${filled.text}`;
  if (!MAPPED_NAME.test(filled.text)) return refused(index, 'name_characters', null);
  if (name.length > MAPPED_NAME_CHARACTERS_MAX) return refused(index, 'name_long', null);
  const { kind, roles } = rule;
  return { principal: { rule: index, name, kind, roles, ...groupsOf(rule.groups, identity) } };
}

function refused(rule: number | null, why: MappingFault, claim: string | null): MappingOutcome {
  return { refusal: { rule, why, claim } };
}

/** Groups only ever give somebody a say, so leaving one out is the safe side; it is told, so that nobody wonders. */
function groupsOf(
  templates: readonly string[],
  identity: VerifiedIdentity,
): Pick<MappedPrincipal, 'groups' | 'leftOut'> {
  const groups = new Set<string>();
  const leftOut: GroupRefusal[] = [];
  for (const template of templates) {
    for (const { value, why } of groupsOfTemplate(template, identity)) {
      if (why !== undefined) leftOut.push({ template, value, why });
      else if (groups.size >= GROUPS_MAX && !groups.has(value)) leftOut.push({ template, value, why: 'over_limit' });
      else groups.add(value);
    }
  }
  return { groups: [...groups], leftOut };
}

type GroupValue =
  | { readonly value: string; readonly why?: undefined }
  | { readonly value: string | null; readonly why: GroupRefusal['why'] };

function groupsOfTemplate(template: string, identity: VerifiedIdentity): readonly GroupValue[] {
  const parts = templateParts(template) ?? [];
  const place = parts.find(isClaimPart);
  if (place === undefined) return [groupValue(template)];
  const value = claimOf(identity, place.claim);
  if (value === undefined || value === null) return [{ value: null, why: 'claim_missing' }];
  return textsOf(value).map((text) => {
    const filtered = text === undefined ? undefined : filteredText(text, place.filters);
    if (filtered === undefined) return { value: text ?? null, why: 'no_text' };
    return groupValue(parts.map((part) => ('literal' in part ? part.literal : filtered)).join(''));
  });
}

function groupValue(value: string): GroupValue {
  return GROUP_NAME.test(value) ? { value } : { value, why: 'no_group_name' };
}

export function isClaimPart(
  part: TemplatePart,
): part is { readonly claim: string; readonly filters: readonly TemplateFilter[] } {
  return 'claim' in part;
}
