import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginSaml } from '../../src/idp/saml/begin-saml.js';
import { finishSaml } from '../../src/idp/saml/finish-saml.js';
import { samlConfiguration } from '../../src/idp/saml/saml-configuration.js';
import { samlPlace } from '../../src/idp/saml/saml-place.js';
import type { SamlHost, SamlProvider } from '../../src/idp/saml/saml-provider.js';
import { OneTimeValues } from '../../src/messaging/one-time-values.js';
import { ValueSigner } from '../../src/messaging/value-signer.js';
import { servers } from '../support/engines.js';
import { makeSamlKey } from '../support/idp/saml-keys.js';
import { newRelayState } from '../support/idp/saml-play.js';
import { type SimpleSaml, startSimpleSaml, whyNoSimpleSaml } from '../support/idp/simplesamlphp.js';

const why = whyNoSimpleSaml();
const place = samlPlace('http://127.0.0.1:8443', 'corp');

let redis: Redis;
let idp: SimpleSaml;
let provider: SamlProvider;
let host: SamlHost;

beforeAll(async () => {
  if (why !== undefined) return;
  redis = new Redis(servers().redis.url);
  idp = await startSimpleSaml({ entityId: place.metadata, acs: place.acs }, await makeSamlKey('simplesamlphp'));
  host = {
    oneTime: new OneTimeValues(redis, `test-${crypto.randomUUID()}`, new ValueSigner(Buffer.alloc(32))),
    nowMs: () => Date.now(),
  };
  const configured = samlConfiguration(
    {
      metadata: await idp.metadata(),
      issuer: idp.issuer,
      wantResponseSigned: false,
      attributes: { email: 'mail' },
      forceAuthn: false,
      authnContexts: [],
      clockSkewSeconds: 30,
    },
    Date.now(),
  );
  if ('faults' in configured) throw new Error(JSON.stringify(configured.faults));
  provider = { name: 'corp', settings: configured.settings, place };
});

afterAll(async () => {
  redis?.disconnect();
  await idp?.stop();
});

async function signedIn(at: SamlProvider, name: string, reauthenticate = false) {
  const relayState = newRelayState();
  const { url } = await beginSaml(at, { relayState, reauthenticate }, host);
  return await idp.signIn(url, name, `${name}-password`);
}

describe.skipIf(why !== undefined)(
  `a sign-in through SimpleSAMLphp${why === undefined ? '' : ` (not here: ${why})`}`,
  () => {
    it('gives the person with the groups, once', async () => {
      const form = await signedIn(provider, 'alice');
      const identity = await finishSaml(provider, form, host);
      expect(identity).toMatchObject({
        provider: 'corp',
        kind: 'saml',
        issuer: idp.issuer,
        subject: 'alice@example.com',
        email: 'alice@example.com',
        claims: {
          uid: ['alice'],
          mail: ['alice@example.com'],
          groups: ['dba', 'security'],
          nameId: 'alice@example.com',
        },
        acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
      });
      expect(identity.providerSession).toMatch(/^_/);
      expect(identity.untilMs).toBeGreaterThan(Date.now());
      await expect(finishSaml(provider, form, host)).rejects.toMatchObject({ fields: { check: 'saml_request' } });
    });

    it('gives a person of one group a list of one', async () => {
      const identity = await finishSaml(provider, await signedIn(provider, 'bob'), host);
      expect(identity.claims['groups']).toStrictEqual(['dba']);
    });

    it('gives a fresh proof where one is asked for', async () => {
      const beforeMs = Date.now();
      const identity = await finishSaml(provider, await signedIn(provider, 'alice', true), host);
      expect(identity.authAtMs).toBeGreaterThanOrEqual(Math.floor(beforeMs / 1_000) * 1_000);
    });

    it('is taken with the response signed, which SimpleSAMLphp does by itself', async () => {
      const strict = { ...provider, settings: { ...provider.settings, wantResponseSigned: true } };
      const identity = await finishSaml(strict, await signedIn(strict, 'alice'), host);
      expect(identity.subject).toBe('alice@example.com');
    });

    it('is refused for another, and after a change of one letter', async () => {
      const other = { ...provider, name: 'other', place: samlPlace('http://127.0.0.1:8443', 'other') };
      const form = await signedIn(provider, 'alice');
      await expect(finishSaml(other, form, host)).rejects.toMatchObject({ fields: { check: 'saml_destination' } });
      const text = Buffer.from(form.samlResponse, 'base64').toString().replace('security', 'secuRity');
      const changed = { ...form, samlResponse: Buffer.from(text).toString('base64') };
      await expect(finishSaml(provider, changed, host)).rejects.toMatchObject({ fields: { check: 'saml_signature' } });
    });
  },
);
