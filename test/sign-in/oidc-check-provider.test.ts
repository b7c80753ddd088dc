import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type OidcProvider } from '../../src/domain/identity/oidc-provider.js';
import { checkProvider } from '../../src/idp/issuer/check-provider.js';
import { systemClock } from '../../src/kernel/clock.js';
import { makeServerCertificate, type ServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { type LyingIssuer, sendText, startLyingIssuer } from '../support/idp/lying-issuer.js';
import { ManualClock } from '../support/idp/manual-clock.js';
import { agentsProvider, peopleProvider } from '../support/idp/providers.js';

const DISCOVERY = '/.well-known/openid-configuration';
const folder = makeTemporaryFolder();

let issuer: LyingIssuer;
let secure: LyingIssuer;
let certificate: ServerCertificate;
let metadata: Record<string, unknown>;
beforeAll(async () => {
  certificate = await makeServerCertificate(folder);
  [issuer, secure] = await Promise.all([
    startLyingIssuer(),
    startLyingIssuer({
      tls: { cert: await readFile(certificate.certificateFile), key: await readFile(certificate.keyFile) },
    }),
  ]);
  metadata = issuer.metadata;
});
afterAll(async () => {
  await Promise.all([issuer.close(), secure.close()]);
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  issuer.answers.clear();
  issuer.metadata = metadata;
  issuer.keySet = { keys: [issuer.key.jwk] };
});

const fieldsOf = async (provider: OidcProvider, clock = systemClock) =>
  (await checkProvider(provider, { clock })).map(({ field }) => field);

it('a provider that can be used has nothing wrong with it', async () => {
  expect(await fieldsOf(agentsProvider(issuer.issuer))).toEqual([]);
  expect(await fieldsOf(peopleProvider(issuer.issuer))).toEqual([]);
  expect(await fieldsOf(agentsProvider(issuer.issuer, { jwksUri: `${issuer.issuer}/keys` }))).toEqual([]);
  expect(await fieldsOf(peopleProvider(secure.issuer, { ca: certificate.ca }))).toEqual([]);
});

it('what settings alone show is said without asking anybody', async () => {
  const before = issuer.asked(DISCOVERY);
  expect(await fieldsOf(peopleProvider(issuer.issuer, { clientId: null, clientSecret: null }))).toEqual(['clientId']);
  expect(await fieldsOf(agentsProvider(issuer.issuer, { allowPrivateAddresses: false }))).toEqual([
    'allowPrivateAddresses',
  ]);
  expect(await fieldsOf(agentsProvider(issuer.issuer, { ca: 'x' }))).toEqual(['ca']);
  expect(issuer.asked(DISCOVERY)).toBe(before);
});

it.each<[string, string, () => OidcProvider]>([
  ['the issuer ends with a slash', 'issuer', () => agentsProvider(`${issuer.issuer}/`)],
  ['the issuer has a path', 'issuer', () => agentsProvider(`${issuer.issuer}/realm`)],
  [
    'the keys are not where the settings say',
    'jwksUri',
    () => agentsProvider(issuer.issuer, { jwksUri: `${issuer.issuer}/no` }),
  ],
  ['the certificate is of an unknown authority', 'ca', () => agentsProvider(secure.issuer)],
  ['no algorithm is common', 'algorithms', () => peopleProvider(issuer.issuer, { algorithms: ['PS512'] })],
])('says by field where %s: %s', async (_, field, provider) => {
  expect(await fieldsOf(provider())).toEqual([field]);
});

it.each<[string, string, Record<string, unknown>, Partial<OidcProvider>]>([
  ['another issuer answers', 'issuer', { issuer: 'https://elsewhere.example' }, {}],
  ['discovery leads elsewhere', 'origins', { token_endpoint: 'https://elsewhere.example/token' }, {}],
  ['it has no page to sign in', 'for', { authorization_endpoint: undefined }, {}],
  ['it has no keys', 'issuer', { jwks_uri: undefined }, {}],
  ['it offers plain PKCE only', 'issuer', { code_challenge_methods_supported: ['plain'] }, {}],
  ['it wants keys of its clients', 'clientSecret', { token_endpoint_auth_methods_supported: ['private_key_jwt'] }, {}],
  ['userinfo is wanted and is not there', 'userInfo', { userinfo_endpoint: undefined }, { userInfo: true }],
])('says by field where %s: %s', async (_, field, lie, change) => {
  issuer.metadata = { ...metadata, ...lie };
  expect(await fieldsOf(peopleProvider(issuer.issuer, change))).toEqual([field]);
});

it('says where the keys cannot be trusted, or there are none', async () => {
  issuer.keySet = { keys: [issuer.key.jwk, issuer.key.jwk] };
  expect(await fieldsOf(agentsProvider(issuer.issuer))).toEqual(['issuer']);
  issuer.keySet = { keys: [] };
  expect(await fieldsOf(agentsProvider(issuer.issuer))).toEqual(['issuer']);
});

it('does not blame the settings where the provider is away', async () => {
  const away = await startLyingIssuer();
  await away.close();
  const checking = checkProvider(agentsProvider(away.issuer), { clock: systemClock });
  await expect(checking).rejects.toMatchObject({
    code: 'signin_provider_unavailable',
    fields: { reason: 'connection_failed' },
  });
});

it('says where the authority has expired', async () => {
  const clock = new ManualClock();
  clock.advance(48 * 3_600_000);
  expect(await fieldsOf(agentsProvider(secure.issuer, { ca: certificate.ca }), clock)).toEqual(['ca']);
});

it('shows nothing of what the provider answered', async () => {
  issuer.answers.set(DISCOVERY, (_, response) => sendText(response, '{"issuer":"<script>secret</script>"'));
  const said = JSON.stringify(await checkProvider(peopleProvider(issuer.issuer), { clock: systemClock }));
  expect(said).toContain('issuer');
  expect(said).not.toContain('secret');
});
