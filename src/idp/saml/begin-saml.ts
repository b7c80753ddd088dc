import { randomBytes } from 'node:crypto';
import { hashOf, openRequestAs } from './open-request.js';
import { type SamlHost, type SamlProvider } from './saml-provider.js';
import { authorizeUrl } from './saml-strategy.js';

const RANDOM_BYTES = 32;

/** A sign-in that has begun. */
export interface SamlBeginning {
  /** Where the browser goes: the provider's address, with the request. */
  readonly url: string;
  readonly requestId: string;
}

/** What a sign-in begins with. */
export interface SamlOpening {
  /** The random name of the sign-in, which binds it to a browser; the provider sends it back. Never an address. */
  readonly relayState: string;
  /** The person has to prove again who they are, even with a session at the provider. */
  readonly reauthenticate: boolean;
}

/**
 * Makes a request by HTTP-Redirect and remembers it for ten minutes.
 * @throws what the store of one-time values throws, where it is away
 */
export async function beginSaml(
  provider: SamlProvider,
  { relayState, reauthenticate }: SamlOpening,
  host: SamlHost,
): Promise<SamlBeginning> {
  const requestId = `_${randomBytes(RANDOM_BYTES).toString('hex')}`;
  const isFresh = reauthenticate || provider.settings.forceAuthn;
  const request = { provider: provider.name, relayState: hashOf(relayState), requestedAtMs: host.nowMs(), isFresh };
  const url = await authorizeUrl(
    {
      provider,
      certificates: provider.settings.certificates,
      forceAuthn: isFresh,
      wantResponseSigned: provider.settings.wantResponseSigned,
      makeId: () => requestId,
      cache: {
        saveAsync: async (id) => {
          await openRequestAs(host.oneTime, id, request);
          return null;
        },
        getAsync: async () => null,
        removeAsync: async () => null,
      },
    },
    relayState,
  );
  return { url, requestId };
}
