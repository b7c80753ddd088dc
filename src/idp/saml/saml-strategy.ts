import {
  type CacheProvider,
  type Profile,
  Strategy,
  ValidateInResponseTo,
  type VerifyWithoutRequest,
} from '@node-saml/passport-saml';
import { ASSERTION_AGE_MS_MAX } from './assertion-checks.js';
import { REQUEST_MS_MAX } from './open-request.js';
import { type SamlProvider, audienceOf } from './saml-provider.js';

type StrategyRequest = Parameters<Strategy['authenticate']>[0];

/** What a strategy is made for: one request, or one answer. */
export interface StrategyOptions {
  readonly provider: SamlProvider;
  readonly certificates: readonly string[];
  readonly cache: CacheProvider;
  readonly forceAuthn: boolean;
  /** Whether a response has to have a good signature of its own; where it has one, it has to be good. */
  readonly wantResponseSigned: boolean;
  readonly makeId?: () => string;
  /** Asked about what was verified; what it throws is the outcome. */
  readonly verify?: (profile: Profile | null) => void;
}

/** The address to which the browser takes a new request. */
export async function authorizeUrl(options: StrategyOptions, relayState: string): Promise<string> {
  const outcome = await run(options, { query: { RelayState: relayState }, body: {} });
  if (outcome.url === undefined) throw new Error('The SAML library made no request');
  return outcome.url;
}

/** Has the library validate an answer, and `verify` look at what it validated. Rejects where either refuses. */
export async function validate(options: StrategyOptions, samlResponse: string): Promise<void> {
  const outcome = await run(options, { query: {}, body: { SAMLResponse: samlResponse } });
  if (!outcome.isVerified) throw new Error('The SAML library verified nothing');
}

/** The broker's own metadata for the provider. */
export function ownMetadata(provider: SamlProvider): string {
  const cache: CacheProvider = {
    saveAsync: async () => null,
    getAsync: async () => null,
    removeAsync: async () => null,
  };
  const { certificates } = provider.settings;
  return strategyOf({
    provider,
    certificates,
    cache,
    forceAuthn: false,
    wantResponseSigned: false,
  }).generateServiceProviderMetadata(null);
}

interface Outcome {
  readonly isVerified: boolean;
  readonly url?: string;
}

/**
 * Runs a strategy without passport: passport itself would only give it these five ways to end, each of which is one
 * outcome here, and keep a session, which the broker does itself.
 */
async function run(
  options: StrategyOptions,
  request: { readonly query: object; readonly body: object },
): Promise<Outcome> {
  const strategy = strategyOf(options);
  return await new Promise<Outcome>((resolve, reject) => {
    const ends = {
      success: () => resolve({ isVerified: true }),
      redirect: (url: string) => resolve({ isVerified: false, url }),
      fail: () => resolve({ isVerified: false }),
      pass: () => resolve({ isVerified: false }),
      error: (error: Error) => reject(error),
    };
    Object.assign(strategy, ends);
    // The strategy reads the query, the body and the header `host`, and nothing else of a request.
    strategy.authenticate(request as unknown as StrategyRequest, {});
  });
}

function strategyOf(options: StrategyOptions): Strategy {
  const { provider, certificates, cache, forceAuthn, wantResponseSigned, makeId, verify } = options;
  const { settings, place } = provider;
  return new Strategy(
    {
      issuer: audienceOf(provider),
      audience: audienceOf(provider),
      callbackUrl: place.acs,
      entryPoint: settings.ssoUrl,
      idpIssuer: settings.issuer,
      idpCert: [...certificates],
      identifierFormat: null, // the provider decides which name it gives
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: wantResponseSigned,
      validateInResponseTo: ValidateInResponseTo.always,
      requestIdExpirationPeriodMs: REQUEST_MS_MAX,
      cacheProvider: cache,
      acceptedClockSkewMs: settings.clockSkewSeconds * 1_000,
      maxAssertionAgeMs: ASSERTION_AGE_MS_MAX,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      disableRequestedAuthnContext: settings.authnContexts.length === 0,
      authnContext: [...settings.authnContexts],
      forceAuthn,
      ...(makeId && { generateUniqueId: makeId }),
    },
    verifyBy(verify),
    noLogout,
  );
}

function verifyBy(verify: StrategyOptions['verify']): VerifyWithoutRequest {
  return (profile, done) => {
    try {
      verify?.(profile);
      done(null, {});
    } catch (error) {
      done(error instanceof Error ? error : new Error('Not an error', { cause: error }));
    }
  };
}

const noLogout: VerifyWithoutRequest = (_profile, done) => done(new Error('There is no single logout'));
