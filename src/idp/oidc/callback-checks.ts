import { type IssuerMetadata } from '../issuer/issuer-metadata.js';
import { oidcRefused } from './oidc-checks.js';

const PARAMETER_CHARACTERS_MAX = 4_096;
/** Of flows that the broker does not use: nothing in them is bound to this sign-in. */
const FOREIGN_PARAMETERS = ['id_token', 'access_token', 'token', 'response'];

/**
 * Judges what a browser brought back from the provider, before anything is asked of the provider: every parameter once,
 * the state of this sign-in, the issuer where the provider says that it names itself (RFC 9207), no error, a code. What
 * an error says is the provider's or somebody else's, so nobody is shown it.
 * @throws BrokerError `signin_refused`
 */
export function checkCallback(parameters: URLSearchParams, state: string, metadata: IssuerMetadata): void {
  const names = [...parameters.keys()];
  if (new Set(names).size !== names.length) throw oidcRefused('parameter_twice');
  if ([...parameters.values()].some((value) => value.length > PARAMETER_CHARACTERS_MAX)) {
    throw oidcRefused('parameter_malformed');
  }
  if (parameters.get('state') !== state) throw oidcRefused('state');
  const issuer = parameters.get('iss');
  const isNamed = metadata.authorization_response_iss_parameter_supported === true;
  if (issuer === null ? isNamed : issuer !== metadata.issuer) throw oidcRefused('issuer_parameter');
  const error = parameters.get('error');
  if (error !== null) throw oidcRefused(error === 'access_denied' ? 'declined' : 'provider_error');
  if (FOREIGN_PARAMETERS.some((name) => parameters.has(name))) throw oidcRefused('parameter_malformed');
  if ((parameters.get('code') ?? '') === '') throw oidcRefused('code_missing');
}
