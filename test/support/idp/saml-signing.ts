import { SignedXml } from 'xml-crypto';
import type { SamlKey } from './saml-keys.js';

const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const HMAC_SHA1 = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1';

/** How a signature is made; what is absent is as an honest provider does it. */
export interface Signing {
  readonly signature?: string;
  readonly digest?: string;
  readonly transforms?: readonly string[];
  /** By HMAC, with this text as the key of both sides. */
  readonly hmacKey?: string;
  /** XML of a `ds:Object` to put into the signature. */
  readonly object?: string;
}

/** Signs the element of that local name, and puts the signature after the issuer in it. */
export function signed(xml: string, element: 'Assertion' | 'Response', key: SamlKey, signing: Signing = {}): string {
  const path = element === 'Response' ? "/*[local-name(.)='Response']" : "//*[local-name(.)='Assertion']";
  const maker = new SignedXml({
    privateKey: signing.hmacKey ?? key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: signing.signature ?? (signing.hmacKey === undefined ? RSA_SHA256 : HMAC_SHA1),
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    ...(signing.object !== undefined && { objects: [{ content: signing.object }] }),
  });
  if (signing.hmacKey !== undefined) maker.enableHMAC();
  maker.addReference({
    xpath: path,
    transforms: [...(signing.transforms ?? [ENVELOPED, EXCLUSIVE_C14N])],
    digestAlgorithm: signing.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  maker.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return maker.getSignedXml();
}

/** The signature of a signed document, as it stands there. */
export function signatureIn(xml: string): string {
  const found = /<ds:Signature[ >].*?<\/ds:Signature>/s.exec(xml)?.[0];
  if (found === undefined) throw new Error('Nothing is signed here');
  return found;
}
