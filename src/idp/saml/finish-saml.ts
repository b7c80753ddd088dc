import type { CacheProvider } from '@node-saml/passport-saml';
import type { VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import type { AcsForm } from './acs-form.js';
import { type AssertionFacts, type ExpectedAssertion, checkAssertion } from './assertion-checks.js';
import { refusalOf } from './library-refusal.js';
import { type OpenRequest, claimAssertion, hashOf, takeOpenRequest } from './open-request.js';
import { type ResponseClaims, checkResponse } from './response-checks.js';
import { usableCertificates } from './saml-certificates.js';
import { demand } from './saml-check.js';
import { documentText, readSamlDocument } from './saml-document.js';
import { samlIdentity } from './saml-identity.js';
import { type SamlHost, type SamlProvider, audienceOf } from './saml-provider.js';
import { validate } from './saml-strategy.js';

/**
 * Checks an answer: the document, then by the library its signatures, then the bytes that were signed; and uses up the
 * request and the assertion. That the answer came to the browser which began the sign-in, the caller checks by the
 * RelayState.
 * @throws BrokerError signin_refused, with the check in `check` and nothing of the answer; what the store of one-time
 * values throws, where it is away
 */
export async function finishSaml(provider: SamlProvider, form: AcsForm, host: SamlHost): Promise<VerifiedIdentity> {
  const nowMs = host.nowMs();
  const { settings, place } = provider;
  const text = documentText(form.samlResponse);
  const said = checkResponse(readSamlDocument(text), { ...settings, acs: place.acs });
  const certificates = usableCertificates(settings.certificates, nowMs);
  demand(certificates.length > 0, 'saml_certificate');
  const request = await takeOpenRequest(host.oneTime, said.inResponseTo);
  demand(request !== undefined && request.provider === provider.name, 'saml_request');
  demand(request.relayState === hashOf(form.relayState), 'saml_relay_state');
  const expected = expectedAssertion(provider, { said, request, nowMs });
  const facts = await verifiedFacts({ provider, certificates, text, said, expected });
  const identity = samlIdentity(provider, facts);
  const isFirst = await claimAssertion(host.oneTime, {
    issuer: settings.issuer,
    id: said.assertionId,
    ttlMs: facts.replayableUntilMs - nowMs + expected.skewMs,
  });
  demand(isFirst, 'saml_replayed');
  return identity;
}

function expectedAssertion(
  provider: SamlProvider,
  { said, request, nowMs }: { readonly said: ResponseClaims; readonly request: OpenRequest; readonly nowMs: number },
): ExpectedAssertion {
  return {
    issuer: provider.settings.issuer,
    audience: audienceOf(provider),
    acs: provider.place.acs,
    requestId: said.inResponseTo,
    assertionId: said.assertionId,
    requestedAtMs: request.requestedAtMs,
    isFresh: request.isFresh,
    authnContexts: provider.settings.authnContexts,
    nowMs,
    skewMs: provider.settings.clockSkewSeconds * 1_000,
  };
}

interface Verification {
  readonly provider: SamlProvider;
  readonly certificates: readonly string[];
  readonly text: string;
  readonly said: ResponseClaims;
  readonly expected: ExpectedAssertion;
}

/** The facts of the signed bytes, once the library has found that they are signed. */
async function verifiedFacts({ provider, certificates, text, said, expected }: Verification): Promise<AssertionFacts> {
  let facts: AssertionFacts | undefined;
  try {
    await validate(
      {
        provider,
        certificates,
        forceAuthn: false,
        wantResponseSigned: said.isResponseSigned,
        cache: takenRequest(expected),
        verify: (profile) => {
          const signed = profile?.getAssertionXml?.();
          demand(signed !== undefined, 'saml_signature');
          facts = checkAssertion(readSamlDocument(signed), expected);
        },
      },
      Buffer.from(text, 'utf8').toString('base64'),
    );
  } catch (error) {
    throw refusalOf(error);
  }
  demand(facts !== undefined, 'saml_unreadable');
  return facts;
}

/**
 * What the library sees of the one request that was taken for this answer. It asks and removes in two calls, between
 * which another process could ask; taking it in one step, before, leaves nothing to race for.
 */
function takenRequest({ requestId, requestedAtMs }: ExpectedAssertion): CacheProvider {
  return {
    saveAsync: async () => null,
    getAsync: async (id) => (id === requestId ? new Date(requestedAtMs).toISOString() : null),
    removeAsync: async (id) => id,
  };
}
