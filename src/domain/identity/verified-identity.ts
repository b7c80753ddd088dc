/** A value of a claim (RFC 7519) or of a SAML attribute. */
export type ClaimValue =
  | string
  | number
  | boolean
  | null
  | readonly ClaimValue[]
  | { readonly [name: string]: ClaimValue };
export type Claims = Readonly<Record<string, ClaimValue>>;

export const PROVIDER_KINDS = ['oidc', 'saml'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** Who an identity provider says somebody is, after every check. It has no token and no assertion. */
export interface VerifiedIdentity {
  /** The provider's name in this broker. */
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly issuer: string;
  /** OpenID Connect: `sub`. SAML: the NameID. With the issuer it names one person or program for ever. */
  readonly subject: string;
  /** SAML: attributes by name, always lists of texts, and `nameId`. */
  readonly claims: Claims;
  /** When it last proved who it is to the provider, in milliseconds since the epoch; null where the provider does not say. */
  readonly authAtMs: number | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Null unless the provider has verified it. */
  readonly email: string | null;
  readonly displayName: string | null;
  /** The provider's own limit of the session, in milliseconds since the epoch (SAML: SessionNotOnOrAfter). */
  readonly untilMs: number | null;
  /** The provider's name of its session: `sid`, SessionIndex. */
  readonly providerSession: string | null;
}
