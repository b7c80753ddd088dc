import { METADATA, PROTOCOL, REDIRECT_BINDING, SIGNATURE } from './saml-names.js';
import { samlTimeMs } from './saml-time.js';
import { type XmlElement, attributeOf, childrenOf, everyElement, isNamed, textOf } from './xml/xml-element.js';
import { XmlFault } from './xml/xml-fault.js';
import { type XmlLimits, readXml } from './xml/xml-reader.js';

export const METADATA_CHARACTERS_MAX = 262_144;
const LIMITS: XmlLimits = { elements: 10_000, depth: 32, attributes: 64, comments: 'passed-over' };
const BYTE_ORDER_MARK = '\u{FEFF}';

/** What the broker takes from the metadata of an identity provider. */
export interface IdpMetadata {
  readonly entityId: string;
  readonly ssoUrl: string | undefined;
  /** Base64 of the certificates of the keys that it signs with. */
  readonly certificates: readonly string[];
}

/**
 * Reads the metadata of one identity provider, or says what is wrong with them. Their signature is not verified: the
 * operator who brings them answers for them.
 */
export function readIdpMetadata(text: string, nowMs: number): IdpMetadata | { readonly fault: string } {
  if (text.length > METADATA_CHARACTERS_MAX) return { fault: `are longer than ${METADATA_CHARACTERS_MAX} characters` };
  const root = read(text);
  if (root === undefined)
    return { fault: 'are not XML that the broker reads: no document type, nothing but elements and text' };
  if (isNamed(root, METADATA, 'EntitiesDescriptor')) return { fault: 'are of several; give those of the one provider' };
  const entityId = attributeOf(root, 'entityID');
  if (!isNamed(root, METADATA, 'EntityDescriptor') || entityId === undefined)
    return { fault: 'are no metadata of SAML 2.0' };
  const providers = childrenOf(root, METADATA, 'IDPSSODescriptor').filter(speaksSaml2);
  const [provider] = providers;
  if (provider === undefined || providers.length > 1) return { fault: 'do not describe exactly one identity provider' };
  if (isOver(root, nowMs) || isOver(provider, nowMs)) return { fault: 'are over: see validUntil in them' };
  if (isTrue(attributeOf(provider, 'WantAuthnRequestsSigned'))) {
    return { fault: 'want signed requests, and the broker does not sign its requests' };
  }
  const services = childrenOf(provider, METADATA, 'SingleSignOnService');
  const redirect = services.find((service) => attributeOf(service, 'Binding') === REDIRECT_BINDING);
  return {
    entityId,
    ssoUrl: redirect === undefined ? undefined : attributeOf(redirect, 'Location'),
    certificates: childrenOf(provider, METADATA, 'KeyDescriptor').filter(isForSigning).flatMap(certificatesOf),
  };
}

function read(text: string): XmlElement | undefined {
  try {
    return readXml((text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).trim(), LIMITS);
  } catch (error) {
    if (error instanceof XmlFault) return undefined;
    throw error;
  }
}

function speaksSaml2(descriptor: XmlElement): boolean {
  return (attributeOf(descriptor, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(PROTOCOL);
}

function isOver(descriptor: XmlElement, nowMs: number): boolean {
  const until = attributeOf(descriptor, 'validUntil');
  if (until === undefined) return false;
  const untilMs = samlTimeMs(until);
  return untilMs === undefined || untilMs <= nowMs;
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

/** A key without a use is for signing and encryption. */
function isForSigning(key: XmlElement): boolean {
  return (attributeOf(key, 'use') ?? 'signing') === 'signing';
}

function certificatesOf(key: XmlElement): readonly string[] {
  return [...everyElement(key)]
    .filter(({ element }) => isNamed(element, SIGNATURE, 'X509Certificate'))
    .map(({ element }) => (textOf(element) ?? '').replaceAll(/\s/g, ''));
}
