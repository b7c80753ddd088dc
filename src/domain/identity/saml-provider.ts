/** How the broker signs people in with one SAML 2.0 identity provider, as it is stored. It has no secret. */
export interface SamlProviderSettings {
  /** The identity provider's entityID. */
  readonly issuer: string;
  /** Where it takes requests by HTTP-Redirect; https, or http on this machine itself. */
  readonly ssoUrl: string;
  /** PEM certificates of the keys that it signs with: the current one and the next. */
  readonly certificates: readonly string[];
  /** The broker's name at the identity provider, its entityID; null: the address of the broker's own metadata. */
  readonly audience: string | null;
  /** Whether the response has to be signed too; the assertion always has to be. */
  readonly wantResponseSigned: boolean;
  /** Names of attributes. */
  readonly attributes: {
    /** Names the person for ever; null: the NameID does. */
    readonly subject: string | null;
    readonly email: string | null;
    readonly displayName: string | null;
  };
  /** Whether the person has to prove who they are at every sign-in, even with a session at the provider. */
  readonly forceAuthn: boolean;
  /** Ways of signing in (authentication context classes) of which it has to be one; empty: any. */
  readonly authnContexts: readonly string[];
  readonly clockSkewSeconds: number;
}

/** What an operator says of a SAML provider: its metadata, or the three things that the broker takes from them. */
export interface SamlProviderInput {
  /** The identity provider's metadata, as XML. */
  readonly metadata?: string | undefined;
  readonly issuer?: string | undefined;
  readonly ssoUrl?: string | undefined;
  readonly certificates?: readonly string[] | undefined;
  readonly audience?: string | undefined;
  readonly wantResponseSigned: boolean;
  readonly attributes: {
    readonly subject?: string | undefined;
    readonly email?: string | undefined;
    readonly displayName?: string | undefined;
  };
  readonly forceAuthn: boolean;
  readonly authnContexts: readonly string[];
  readonly clockSkewSeconds: number;
}

/** One thing that an operator should look at before it stops sign-ins. */
export interface SamlProviderWarning {
  readonly field: string;
  readonly warning: 'certificate-expires' | 'certificate-expired';
  /** Of the certificate: the SHA-256 of its bytes, in hexadecimal. */
  readonly fingerprint: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** What is wrong with what an operator says of a SAML provider. */
export interface SamlProviderFault {
  readonly field: string;
  /** What the field is or lacks: the rest of a sentence that begins with it. */
  readonly fault: string;
}
