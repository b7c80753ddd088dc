import 'reflect-metadata'; // @peculiar/x509 wants it before anything else
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALID_MS = 24 * 3_600_000;

export interface ServerCertificate {
  /** The certificate authority's certificate, as PEM: what a client has to trust. */
  readonly ca: string;
  readonly caFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const LOOPBACK = ['localhost', '127.0.0.1'];

/** Makes a certificate authority and a server certificate for these names and addresses, valid for a day. */
export async function makeServerCertificate(folder: string, names = LOOPBACK): Promise<ServerCertificate> {
  const caKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + VALID_MS) };
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test CA',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
    ...validity,
  });
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
    ],
    ...validity,
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const files = {
    'ca.pem': ca.toString('pem'),
    'server-cert.pem': certificate.toString('pem'),
    'server-key.pem': `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  return {
    ca: files['ca.pem'],
    caFile: join(folder, 'ca.pem'),
    certificateFile: join(folder, 'server-cert.pem'),
    keyFile: join(folder, 'server-key.pem'),
  };
}
