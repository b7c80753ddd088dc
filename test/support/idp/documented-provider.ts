import { readFileSync } from 'node:fs';
import { identityMappingRequest } from '../../../src/contracts/identity/identity-mapping.js';
import { oidcProviderRequest } from '../../../src/contracts/identity/identity-provider-oidc.js';
import type { MappingRule } from '../../../src/domain/identity/identity-mapping.js';

const DOCUMENT = new URL('../../../docs/sign-in.md', import.meta.url);

/** The audience of the examples. */
export const DOCUMENTED_AUDIENCE = 'https://doorwarden.example.com';

/** An example of docs/sign-in.md for agents' tokens: the provider's settings, and the rules of its name. */
export function documentedProvider(title: string) {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split(`\n### ${title}\n`);
  const [settings, rules] = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']): unknown =>
    JSON.parse(json),
  );
  const mapping = identityMappingRequest.parse({ rules });
  return {
    name: mapping.rules[0]?.provider ?? '',
    settings: oidcProviderRequest.parse(settings),
    rules: mapping.rules as readonly MappingRule[],
  };
}
