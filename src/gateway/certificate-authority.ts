import { isIP } from 'node:net';
import { randomBytes, webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import 'reflect-metadata'; // @peculiar/x509 expects it
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { assert } from '../kernel/assert.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CA_DAYS = 3_650;
const LEAF_DAYS = 825;
const DAY_MS = 86_400_000;

/** What the client leg offers TLS with, and the CA that clients are handed with their connection. */
export interface EndpointTls {
  readonly caPem: string;
  readonly context: SecureContext;
  /** When the certificates end, in milliseconds since the epoch. */
  readonly endsMs: { readonly authority: number; readonly endpoint: number };
}

/** A certificate for this process, issued by the authority of `authorityPem` (certificate and key, {@link makeAuthority}). */
export async function openEndpointTls(authorityPem: string, publicHost: string, now: Date): Promise<EndpointTls> {
  const caPem = pemBlock(authorityPem, 'CERTIFICATE');
  const key = await importKey(pemBlock(authorityPem, 'PRIVATE KEY'));
  const certificate = new X509Certificate(caPem);
  const leaf = await makeLeaf({ certificate, key }, publicHost, now);
  return {
    caPem,
    context: createSecureContext({ ...leaf, minVersion: 'TLSv1.2' }),
    endsMs: { authority: certificate.notAfter.getTime(), endpoint: new X509Certificate(leaf.cert).notAfter.getTime() },
  };
}

function pemBlock(pem: string, label: string): string {
  const block = new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\n?`).exec(pem)?.[0];
  assert(block !== undefined, `the endpoint CA file holds a ${label}`);
  return block;
}

/** A new authority: certificate and key in one PEM text, so that no crash leaves one without the other. */
export async function makeAuthority(now: Date): Promise<string> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: 'CN=Doorwarden endpoint CA',
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return `${certificate.toString('pem')}\n${await exportKey(keys.privateKey)}`;
}

async function makeLeaf(
  authority: { readonly certificate: X509Certificate; readonly key: webcrypto.CryptoKey },
  publicHost: string,
  now: Date,
): Promise<{ key: string; cert: string }> {
  const keys = await makeKeys();
  // `localhost` always: mysql2 looks for it where the host is an address.
  const names = [...new Set([publicHost, 'localhost', '127.0.0.1'])];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString('hex'),
    subject: 'CN=Doorwarden endpoint',
    issuer: authority.certificate.subject,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LEAF_DAYS * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
    ],
  });
  return { key: await exportKey(keys.privateKey), cert: certificate.toString('pem') };
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
