import { GROUP_NAME, rolesConflict } from '../principal.js';
import { type TemplatePart, templateParts } from './claim-template.js';
import {
  isClaimPart,
  KINDS_OF_USE,
  MAPPED_NAME_CHARACTERS_MAX,
  type MappingRule,
  PROVIDER_USES,
  type ProviderUse,
} from './identity-mapping.js';

/** What is wrong with a rule, and where in it. */
export interface RuleProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const LITERAL_OF_NAME = /^[a-z0-9._@+/-]+$/;
const PLACE = 'must be text with `{claim}`, `{claim|lower}` or `{claim|spiffe}` in it';

/** What can be seen of one rule alone. */
export function faultsOfRule(rule: MappingRule): readonly RuleProblem[] {
  return [...nameFaults(rule.principal), ...roleFaults(rule), ...rule.groups.flatMap(groupFaults)];
}

/**
 * What only the providers can tell: whether they are there, and vouch for whom the rule is about. `uses` has the uses of
 * every provider by its name.
 */
export function faultsOfMapping(
  rules: readonly MappingRule[],
  uses: ReadonlyMap<string, readonly ProviderUse[]>,
): readonly RuleProblem[] {
  return rules.flatMap((rule, index) => providerFaults(rule, index, uses.get(rule.provider)));
}

function providerFaults(
  rule: MappingRule,
  index: number,
  uses: readonly ProviderUse[] | undefined,
): readonly RuleProblem[] {
  if (uses === undefined) {
    return [{ path: ['rules', index, 'provider'], message: `there is no identity provider ${rule.provider}` }];
  }
  if (uses.some((use) => KINDS_OF_USE[use].includes(rule.kind))) return [];
  const fitting = PROVIDER_USES.filter((use) => KINDS_OF_USE[use].includes(rule.kind));
  return [
    {
      path: ['rules', index, 'kind'],
      message: `the provider ${rule.provider} is not for ${fitting.join(' or ')}, so it brings nobody of the kind ${rule.kind}`,
    },
  ];
}

function nameFaults(template: string): readonly RuleProblem[] {
  const fault = (message: string): readonly RuleProblem[] => [{ path: ['principal'], message }];
  const parts = templateParts(template);
  if (parts === undefined || parts.length === 0) return fault(PLACE);
  if (template.length > MAPPED_NAME_CHARACTERS_MAX)
    return fault(`must be ${MAPPED_NAME_CHARACTERS_MAX} characters or fewer`);
  if (parts.some((part) => 'literal' in part && !LITERAL_OF_NAME.test(part.literal))) {
    return fault('must be of a-z, 0-9, ".", "_", "@", "+", "/" and "-" outside the braces');
  }
  if (parts.some((part, index) => isClaimPart(part) && follows(parts, index))) {
    return fault('must have a text between two claims: otherwise two identities could get one name');
  }
  return [];
}

function follows(parts: readonly TemplatePart[], index: number): boolean {
  const next = parts[index + 1];
  return next !== undefined && isClaimPart(next);
}

function roleFaults({ kind, roles }: MappingRule): readonly RuleProblem[] {
  if (!rolesConflict(kind, roles)) return [];
  return [
    {
      path: ['roles'],
      message:
        'must be "agent" alone for the kind agent, and cannot be "agent" for a user, or together with another role',
    },
  ];
}

function groupFaults(template: string, index: number): readonly RuleProblem[] {
  const fault = (message: string): readonly RuleProblem[] => [{ path: ['groups', index], message }];
  const parts = templateParts(template);
  if (parts === undefined || parts.length === 0) return fault(PLACE);
  const claims = parts.filter(isClaimPart).length;
  if (claims > 1) return fault('must have one claim at most');
  if (claims === 0 && !GROUP_NAME.test(template))
    return fault('must be the name of a group, or have a claim in braces');
  return [];
}
