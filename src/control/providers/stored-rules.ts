import { z } from 'zod';
import { mappingRuleView } from '../../contracts/identity/identity-mapping.js';
import type { MappingRule } from '../../domain/identity/identity-mapping.js';

const storedRules = z.array(mappingRuleView);

/** The rules of a stored mapping. One that cannot be read is a fault of the broker, and nobody is mapped by guess. */
export function mappingRulesIn(rules: readonly object[]): readonly MappingRule[] {
  return storedRules.parse(rules);
}
