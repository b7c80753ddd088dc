import 'reflect-metadata'; // @peculiar/x509 wants it before anything else
import { X509CertificateGenerator } from '@peculiar/x509';

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) };
const DAY_MS = 86_400_000;

/** A key that an identity provider signs with. */
export interface SamlKey {
  readonly privateKey: string;
  /** PEM. */
  readonly certificate: string;
}

/** Makes an RSA key and a certificate of it; times in days from now. */
export async function makeSamlKey(
  name: string,
  { bits = 2_048, fromDays = -1, toDays = 365 }: { bits?: number; fromDays?: number; toDays?: number } = {},
): Promise<SamlKey> {
  const keys = await crypto.subtle.generateKey({ ...RSA, modulusLength: bits }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: RSA,
    notBefore: new Date(Date.now() + fromDays * DAY_MS),
    notAfter: new Date(Date.now() + toDays * DAY_MS),
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g) ?? [];
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
    certificate: `${certificate.toString('pem')}\n`,
  };
}
