import { X509Certificate } from 'node:crypto';
import type { SamlProviderWarning } from '../../domain/identity/saml-provider.js';

/** How long before its end a certificate is warned of. */
export const CERTIFICATE_WARNING_MS = 30 * 86_400_000;
const RSA_BITS_MIN = 2_048;

/** A certificate of a key that an identity provider signs with. */
export interface SamlCertificate {
  readonly pem: string;
  readonly fingerprint: string;
  readonly beginsMs: number;
  readonly endsMs: number;
}

/** Reads one PEM certificate, or the base64 of one as metadata has it; or says what is wrong with it. */
export function readCertificate(text: string): SamlCertificate | { readonly fault: string } {
  const certificate = parsed(text);
  if (certificate === undefined) return { fault: 'has something that is not one certificate in PEM' };
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType !== 'rsa')
    return { fault: 'has a certificate of another key than RSA, which nothing here verifies' };
  if ((asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS_MIN) {
    return { fault: `has a certificate of an RSA key under ${RSA_BITS_MIN} bits` };
  }
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    beginsMs: Date.parse(certificate.validFrom),
    endsMs: Date.parse(certificate.validTo),
  };
}

/** Those certificates that may verify a signature now. */
export function usableCertificates(pems: readonly string[], nowMs: number): readonly string[] {
  return storedCertificates(pems)
    .filter((certificate) => isUsable(certificate, nowMs))
    .map(({ pem }) => pem);
}

export function isUsable({ beginsMs, endsMs }: SamlCertificate, nowMs: number): boolean {
  return beginsMs <= nowMs && nowMs < endsMs;
}

/** A warning for each certificate that has expired or will within thirty days. */
export function certificateWarnings(pems: readonly string[], nowMs: number): readonly SamlProviderWarning[] {
  return storedCertificates(pems).flatMap(({ endsMs, fingerprint }): readonly SamlProviderWarning[] => {
    if (endsMs - CERTIFICATE_WARNING_MS > nowMs) return [];
    const warning = endsMs <= nowMs ? 'certificate-expired' : 'certificate-expires';
    return [{ field: 'certificates', warning, fingerprint, atMs: endsMs }];
  });
}

/** Certificates that were read before they were stored. */
export function storedCertificates(pems: readonly string[]): readonly SamlCertificate[] {
  return pems.map(readCertificate).filter((certificate): certificate is SamlCertificate => !('fault' in certificate));
}

function parsed(text: string): X509Certificate | undefined {
  const isPem = text.includes('-----BEGIN');
  if (isPem && text.split('-----BEGIN').length !== 2) return undefined;
  try {
    return new X509Certificate(isPem ? text : Buffer.from(text, 'base64'));
  } catch {
    return undefined; // the caller says what that means, field by field
  }
}
