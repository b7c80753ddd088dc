import * as fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { LyingSaml } from '../../../test/support/idp/lying-saml.js';
import { type SamlKey, makeSamlKey } from '../../../test/support/idp/saml-keys.js';
import { newRelayState, samlProvider } from '../../../test/support/idp/saml-play.js';
import { rounds } from '../../../test/support/rounds.js';
import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { BrokerError } from '../../kernel/errors.js';
import type { OneTimeStore } from '../one-time-store.js';
import { OneTimeMemory } from '../one-time-store.fixture.js';
import { beginSaml } from './begin-saml.js';
import { finishSaml } from './finish-saml.js';
import { audienceOf } from './saml-provider.js';

const NOT_MARKUP = [
  '<',
  '>',
  '"',
  "'",
  '&',
  '=',
  '/',
  ' ',
  '\n',
  '\u0000',
  'é',
  '\u202E',
  '&#65;',
  '&amp;',
  'xmlns="urn:x"',
];

let key: SamlKey;

beforeAll(async () => {
  key = await makeSamlKey('idp.example');
});

/** An answer, and what happens to any other text in its place: its request is open again each time. */
async function openAnswer() {
  const provider = samlProvider('idp', { issuer: 'https://idp.example', certificates: [key.certificate] });
  const memory = new OneTimeMemory();
  let request = '';
  const oneTime: OneTimeStore = {
    put: async (_key, value) => void (request = value),
    take: async () => request,
    claim: async (claimed) => memory.claim(`${claimed}${crypto.randomUUID()}`),
  };
  const host = { oneTime, nowMs: () => Date.now() };
  const relayState = newRelayState();
  const { requestId } = await beginSaml(provider, { relayState, reauthenticate: false }, host);
  const { settings, place } = provider;
  const idp = new LyingSaml(
    { issuer: settings.issuer, audience: audienceOf(provider), acs: place.acs, requestId },
    key,
  );
  return {
    idp,
    taken: async (text: string): Promise<VerifiedIdentity | 'refused'> => {
      const samlResponse = Buffer.from(text).toString('base64');
      try {
        return await finishSaml(provider, { samlResponse, relayState }, host);
      } catch (error) {
        if (error instanceof BrokerError && error.code === 'signin_refused') return 'refused';
        throw error;
      }
    },
  };
}

it('nobody becomes somebody else by any change of a signed answer', async () => {
  const { idp, taken } = await openAnswer();
  const answer = idp.answer();
  const honest = await taken(answer);
  expect(honest).toMatchObject({ subject: 'alice@example.com' });
  const evil = idp.unsignedAssertion({ nameId: 'root@example.com' });
  // Where an element begins or ends: most changes anywhere else only break the document.
  const edges = [...answer.matchAll(/</g)].map(({ index }) => index).concat(answer.length);
  const parts = [...answer.matchAll(/<(\S+?)[ >][^]*?<\/\1>/g)].map(([part]) => part);
  const pieces = [evil, '<saml:NameID>root@example.com</saml:NameID>', '<!---->', '<?x y?>', '<![CDATA[x]]>', ...parts];
  const place = fc.oneof(fc.constantFrom(...edges), fc.nat(answer.length));
  const change = fc.record({
    from: place,
    to: fc.oneof(fc.constant(-1), place),
    put: fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...NOT_MARKUP), fc.constant('')),
  });
  const changed = fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((text, { from, to, put }) => {
      const end = Math.max(from, to);
      return text.slice(0, from) + put + text.slice(end);
    }, answer),
  );
  await fc.assert(
    fc.asyncProperty(changed, async (text) => {
      const outcome = await taken(text);
      if (outcome !== 'refused') expect(outcome).toStrictEqual(honest);
    }),
    { numRuns: rounds(2_000) },
  );
}, 120_000);
