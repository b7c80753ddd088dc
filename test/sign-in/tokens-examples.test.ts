import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oidcProviderOf } from '../../src/contracts/identity/identity-provider-oidc.js';
import { mapIdentity, type MappingRule } from '../../src/domain/identity/identity-mapping.js';
import { type OidcProvider } from '../../src/domain/identity/oidc-provider.js';
import { IssuerPool } from '../../src/idp/issuer/issuer-pool.js';
import { TokenVerifier } from '../../src/idp/tokens/token-verifier.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { DOCUMENTED_AUDIENCE, documentedProvider } from '../support/idp/documented-provider.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { AGENT_CLIENT, startOidcProvider } from '../support/idp/oidc-provider.js';
import { AUDIENCE } from '../support/idp/providers.js';

const DOCUMENT = readFileSync(new URL('../../docs/sign-in.md', import.meta.url), 'utf8');

let issuer: LyingIssuer;
beforeEach(async () => {
  issuer = await startLyingIssuer({ alg: 'RS256' });
});
afterEach(() => issuer.close());

/** Settings and rules as docs/sign-in.md has them, at an issuer of this test. */
function example(
  title: string,
  at: string,
): { readonly provider: OidcProvider; readonly rules: readonly MappingRule[] } {
  const { name, settings, rules } = documentedProvider(title);
  const provider = oidcProviderOf(name, settings, null);
  return {
    provider: {
      ...provider,
      issuer: at,
      jwksUri: provider.jwksUri === null ? null : `${at}/keys`,
      allowPrivateAddresses: true,
    },
    rules,
  };
}

/** The name that the token's sender has, or the check that refuses it. */
async function nameOf(
  title: string,
  token: string,
  at = issuer.issuer,
  change: Partial<OidcProvider> = {},
): Promise<unknown> {
  const { provider, rules } = example(title, at);
  const providers = [{ ...provider, ...change }];
  const issuers = new IssuerPool({ clock: systemClock });
  const verifier = new TokenVerifier({ issuers, providers: () => providers, clock: systemClock });
  try {
    const verified = await verifier.verify(token);
    const outcome = mapIdentity(rules, verified, 'agents');
    if ('refusal' in outcome) return outcome.refusal.why;
    return [outcome.principal.name, outcome.principal.kind, verified.sponsor?.name ?? null];
  } catch (error) {
    return error instanceof BrokerError ? error.fields['check'] : error;
  }
}

const now = () => Math.floor(Date.now() / 1000);
const signed = (claims: Record<string, unknown>, header: Record<string, unknown>) =>
  issuer.sign({ iss: issuer.issuer, iat: now(), exp: now() + 300, aud: DOCUMENTED_AUDIENCE, ...claims }, { header });

interface ExampleCase {
  readonly title: string;
  /** As the issuer's own documentation has them. */
  readonly claims: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  readonly who: readonly [string, string, string | null];
  /** The same of somebody else, and what refuses it. */
  readonly strangers: readonly (readonly [Record<string, unknown>, string])[];
}

const EXAMPLES: readonly ExampleCase[] = [
  {
    title: 'GitHub Actions',
    header: { typ: 'JWT' },
    claims: {
      jti: 'e7f2',
      sub: 'repo:acme/shop:environment:production',
      ref: 'refs/heads/main',
      repository: 'acme/shop',
      repository_owner: 'acme',
      repository_owner_id: '1001',
      environment: 'production',
      actor: 'kim',
      workflow: 'deploy',
      runner_environment: 'github-hosted',
      nbf: now() - 300,
    },
    who: ['github:acme/shop/production', 'agent', 'kim'],
    strangers: [
      [{ repository: 'evil/shop', repository_owner: 'evil', repository_owner_id: '6666' }, 'required_claim'],
      [{ repository: 'acme/website' }, 'no_rule'],
      [{ environment: undefined }, 'no_rule'],
      [{ aud: 'https://github.com/acme' }, 'audience'],
    ],
  },
  {
    title: 'GitLab CI',
    header: { typ: 'JWT' },
    claims: {
      jti: 'c82e',
      sub: 'project_path:acme/shop:ref_type:branch:ref:main',
      namespace_path: 'acme',
      project_path: 'acme/shop',
      project_id: '22',
      user_login: 'kim',
      ref: 'main',
      ref_protected: 'true',
      pipeline_source: 'push',
    },
    who: ['gitlab:acme/shop', 'agent', 'kim'],
    strangers: [
      [{ ref_protected: 'false' }, 'required_claim'],
      [{ namespace_path: 'evil', project_path: 'evil/shop' }, 'required_claim'],
    ],
  },
  {
    title: 'Kubernetes service accounts',
    header: { typ: undefined },
    claims: {
      aud: [DOCUMENTED_AUDIENCE],
      jti: 'b6f9',
      sub: 'system:serviceaccount:agents:shop',
      'kubernetes.io': {
        namespace: 'agents',
        node: { name: 'n1', uid: 'u0' },
        pod: { name: 'shop-1', uid: 'u1' },
        serviceaccount: { name: 'shop', uid: 'u2' },
      },
      nbf: now() - 1,
    },
    who: ['cluster:agents/shop', 'agent', null],
    strangers: [
      [
        { 'kubernetes.io': { namespace: 'default', pod: { uid: 'u1' }, serviceaccount: { name: 'shop' } } },
        'required_claim',
      ],
      [{ 'kubernetes.io': { namespace: 'agents', serviceaccount: { name: 'shop' } } }, 'required_claim'],
      [{ aud: ['https://kubernetes.default.svc'] }, 'audience'],
    ],
  },
  {
    title: 'SPIFFE',
    header: { typ: undefined },
    claims: { aud: [DOCUMENTED_AUDIENCE], sub: 'spiffe://example.org/ns/agents/sa/shop' },
    who: ['spire:example.org/ns/agents/sa/shop', 'agent', null],
    strangers: [
      [{ sub: 'spiffe://example.org/ns/agents/sa/other' }, 'no_rule'],
      [{ sub: 'spiffe://evil.example/ns/agents/sa/shop' }, 'no_rule'],
    ],
  },
];

describe('the examples of docs/sign-in.md', () => {
  it.each(EXAMPLES)('$title: its tokens are taken, and those of strangers are not', async (one) => {
    expect(await nameOf(one.title, await signed(one.claims, one.header))).toEqual(one.who);
    for (const [change, check] of one.strangers) {
      expect(await nameOf(one.title, await signed({ ...one.claims, ...change }, one.header))).toBe(check);
    }
  });

  it('Client credentials: a token of a real provider is taken', async () => {
    const real = await startOidcProvider(['http://127.0.0.1/callback']);
    try {
      const token = await real.agentToken();
      const who = await nameOf('Client credentials', token, real.issuer, { audience: AUDIENCE });
      expect(who).toEqual([`idp:${AGENT_CLIENT.id}`, 'agent', null]);
      expect(await nameOf('Client credentials', token, real.issuer)).toBe('audience');
    } finally {
      await real.close();
    }
  });

  it('are all tried here', () => {
    const [, section = ''] = DOCUMENT.split("\n## Agents' tokens\n");
    const titles = [
      ...section
        .split('\n## ', 1)
        .join('')
        .matchAll(/^### (.+)$/gm),
    ].map(([, title]) => title);
    expect(titles).toEqual([...EXAMPLES.map(({ title }) => title), 'Client credentials']);
  });
});
