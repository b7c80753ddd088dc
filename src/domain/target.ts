import { isLoopback } from '../kernel/loopback.js';

/**
 * How the path to a target is protected. `unverified` encrypts without looking at who answers: it has to be written
 * out by an operator, it is never a default.
 */
export const TLS_MODES = ['verify-identity', 'verify-ca', 'unverified', 'off'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TargetTls {
  readonly mode: TlsMode;
  /** PEM; absent: the runtime's own list of authorities. */
  readonly ca?: string | undefined;
  /** The name to verify and send as SNI; absent: the host. */
  readonly serverName?: string | undefined;
}

/** `dynamic`: an account is made for each grant. `static`: every grant logs in with the registered account. */
export const CREDENTIAL_MODES = ['dynamic', 'static'] as const;
export type CredentialMode = (typeof CREDENTIAL_MODES)[number];

/** What may be asked for at all on a target; a request over it is refused, no matter who asks. A protocol has further limits. */
export interface TargetLimits {
  readonly ttlSecondsMax: number;
  readonly sessionsMax: number;
}

/** What the broker saw when it last connected. A protocol's own report has more, which only the protocol reads. */
export interface TargetReport {
  /** Which server it is, of those that speak the protocol: `mariadb`. */
  readonly flavour: string;
  /** As the server spells it. */
  readonly version: string;
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** RFC 3339. */
  readonly checkedAt: string;
}

/** How it went when a gateway was asked to look at a target. */
export interface TargetLook {
  readonly atMs: number;
  /** A code of docs/errors.md; null when nothing was wrong. */
  readonly code: string | null;
}

/** What a connection to a target needs; the password only where it was decrypted. */
export interface TargetEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: TargetTls;
}

/** On the machine itself there is no path to protect, so TLS is off unless asked for; elsewhere it is verified. */
export function defaultTlsMode(host: string): TlsMode {
  return isLoopback(host) ? 'off' : 'verify-identity';
}
