import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { doorwardenAs } from '../support/command-line.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { call } from '../support/grants.js';
import { type LyingIssuer, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { AUDIENCE } from '../support/idp/providers.js';
import { makeSamlKey } from '../support/idp/saml-keys.js';
import { useSharedBroker } from '../support/shared-broker.js';

const SECRET = 'the-client-secret-of-this-test';
const broker = useSharedBroker();
const folder = makeTemporaryFolder();
let issuer: LyingIssuer;
let certificate: string;
beforeAll(async () => {
  issuer = await startLyingIssuer();
  ({ certificate } = await makeSamlKey('corp'));
  await writeFile(join(folder, 'ci.secret'), `${SECRET}\n`);
});
afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true });
});

const oidc = (change: object = {}) => ({
  kind: 'IdentityProvider',
  name: 'ci',
  spec: {
    kind: 'oidc',
    for: ['agents', 'people'],
    issuer: issuer.issuer,
    audience: AUDIENCE,
    clientId: 'doorwarden',
    clientSecretFrom: { file: 'ci.secret' },
    allowPrivateAddresses: true,
    ...change,
  },
});
const saml = () => ({
  kind: 'IdentityProvider',
  name: 'corp',
  spec: {
    kind: 'saml',
    issuer: 'https://idp.example/saml',
    ssoUrl: 'https://idp.example/sso',
    // The same certificate with its lines broken elsewhere.
    certificates: [certificate.replace(/\n(?=[A-Za-z0-9+/=]+\n-----END)/, '')],
  },
});
const mapping = (roles: readonly string[] = ['agent']) => ({
  kind: 'IdentityMapping',
  spec: {
    rules: [{ provider: 'ci', when: { repository: 'acme/shop' }, principal: '{repository}', kind: 'agent', roles }],
  },
});

async function apply(documents: readonly object[], args: readonly string[] = []) {
  await writeFile(join(folder, 'broker.yaml'), documents.map((document) => stringify(document)).join('---\n'));
  const outcome = await doorwardenAs(broker(), 'operator', ['apply', '-f', join(folder, 'broker.yaml'), ...args]);
  expect(outcome.stdout + outcome.stderr).not.toContain(SECRET);
  return outcome;
}

it('apply makes providers before the mapping that names them, and then has nothing to do', async () => {
  const first = await apply([mapping(), oidc(), saml()], ['--reason', 'From git']);
  expect([first.stderr, first.exitCode]).toEqual(['', 0]);
  expect(first.stdout).toContain('sends the client secret from the file ci.secret');
  expect(first.stdout).toMatch(
    /IdentityProvider ci is created\.\nIdentityProvider corp is created\.\nIdentityMapping is created\.\n$/,
  );
  const { body } = await call(broker(), 'GET', '/v1/identity-providers/ci', { key: broker().keys.operator });
  expect(body).toMatchObject({ hasClientSecret: true, revision: 1 });
  expect((await apply([mapping(), oidc(), saml()])).stdout).toBe('Nothing to do: 3 as they are.\n');
  const exported = await doorwardenAs(broker(), 'operator', ['export']);
  expect(exported.stdout).toMatch(/clientSecretFrom:\n {4}env: CI_CLIENT_SECRET/);
  const again = await doorwardenAs(broker(), 'operator', ['apply', '-f', '-', '--prune'], { input: exported.stdout });
  expect([again.stderr, again.stdout]).toEqual(['', expect.stringMatching(/^Nothing to do/)]);
});

it('apply changes one, sends a secret where the client is another one, and deletes providers after the mapping', async () => {
  await apply([mapping(), oidc(), saml()]);
  const changed = await apply([oidc({ clientId: 'another' })]);
  expect(changed.stdout).toContain('  - clientId: doorwarden\n  + clientId: another\n');
  expect(changed.stdout).toContain('sends the client secret');
  const refused = await apply([mapping(['operator']), saml()], ['--prune']);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('spec.rules.0')]);
  const pruned = await apply([{ kind: 'IdentityMapping', spec: { rules: [] } }, saml()], ['--prune', '--json']);
  expect(JSON.parse(pruned.stdout)).toMatchObject({
    changes: [
      { name: 'corp', outcome: 'kept' },
      { kind: 'IdentityMapping', action: 'change', outcome: 'done' },
      { name: 'ci', action: 'delete', outcome: 'done' },
    ],
  });
});
