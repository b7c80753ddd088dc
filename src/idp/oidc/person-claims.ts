import { claimAt } from '../../domain/identity/claim-path.js';
import { textClaim, withVerifiedEmail } from '../../domain/identity/json-claims.js';
import { type OidcProvider } from '../../domain/identity/oidc-provider.js';
import { type Claims, type ClaimValue, type VerifiedIdentity } from '../../domain/identity/verified-identity.js';
import { shownLine } from '../../domain/visible-text.js';
import { oidcRefused } from './oidc-checks.js';

const EMAIL = /^[^\s\p{C}@]{1,64}@[^\s\p{C}@]{1,255}$/u;
const NAME_CHARACTERS_MAX = 200;
const SESSION_CHARACTERS_MAX = 255;

/**
 * Who signed in, out of claims that are verified.
 * @throws BrokerError `signin_refused` for groups that are none, or another strength of sign-in than the settings want
 */
export function personOf(claims: Claims, provider: OidcProvider, authAtMs: number | null): VerifiedIdentity {
  const acr = textClaim(claims, 'acr');
  if (provider.acrValues.length > 0 && !provider.acrValues.includes(acr ?? '')) throw oidcRefused('acr');
  checkGroups(claims, provider);
  const sid = textClaim(claims, 'sid');
  return {
    provider: provider.name,
    kind: 'oidc',
    issuer: provider.issuer,
    subject: textClaim(claims, 'sub') ?? '',
    claims: withVerifiedEmail(claims),
    authAtMs,
    acr,
    amr: isTexts(claims['amr']) ? claims['amr'] : [],
    email: verifiedEmail(claims),
    displayName: shownName(claims),
    untilMs: null,
    providerSession: sid !== null && sid.length <= SESSION_CHARACTERS_MAX ? sid : null,
  };
}

/**
 * Groups must be texts. Where a provider has too many for a token it leaves them out and says where they are
 * (`_claim_names`, OpenID Connect Core 1.0, 5.6.2): the person would sign in without groups, and nobody would know why.
 */
function checkGroups(claims: Claims, { groupsClaim }: OidcProvider): void {
  if (groupsClaim === null) return;
  const elsewhere = claims['_claim_names'];
  if (isMembers(elsewhere) && Object.hasOwn(elsewhere, groupsClaim)) throw oidcRefused('groups_elsewhere');
  const value = claimAt(claims, groupsClaim);
  if (value !== undefined && typeof value !== 'string' && !isTexts(value)) throw oidcRefused('groups_malformed');
}

/** Only where the provider says, with the value `true` itself, that it is verified. */
function verifiedEmail(claims: Claims): string | null {
  const email = textClaim(claims, 'email');
  return claims['email_verified'] === true && email !== null && EMAIL.test(email) ? email : null;
}

function shownName(claims: Claims): string | null {
  const name = textClaim(claims, 'name')?.trim().slice(0, NAME_CHARACTERS_MAX) ?? '';
  return name === '' ? null : shownLine(name).slice(0, NAME_CHARACTERS_MAX);
}

function isTexts(value: ClaimValue | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isMembers(value: ClaimValue | undefined): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
