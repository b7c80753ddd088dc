import { type SamlCheck, demand, samlRefusal } from './saml-check.js';
import { ASSERTION, EXCLUSIVE_C14N, PROTOCOL, SIGNATURE } from './saml-names.js';
import { type XmlElement, everyElement } from './xml/xml-element.js';
import { XmlFault, type XmlFaultKind } from './xml/xml-fault.js';
import { type XmlLimits, readXml } from './xml/xml-reader.js';

/** Of the field SAMLResponse; as the specification of this broker has it. */
export const RESPONSE_CHARACTERS_MAX = 300_000;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LIMITS: XmlLimits = { elements: 4_000, depth: 24, attributes: 32, comments: 'refused' };
/** In which elements may be; what is encrypted has a refusal of its own (response-checks.ts). */
const NAMESPACES: ReadonlySet<string> = new Set([PROTOCOL, ASSERTION, SIGNATURE, EXCLUSIVE_C14N]);

const CHECK_OF: Readonly<Record<XmlFaultKind, SamlCheck>> = {
  doctype: 'saml_doctype',
  comment: 'saml_comment',
  cdata: 'saml_cdata',
  instruction: 'saml_instruction',
  entity: 'saml_entity',
  encoding: 'saml_encoding',
  character: 'saml_character',
  namespace: 'saml_namespace',
  'too-large': 'saml_size',
  'not-well-formed': 'saml_xml',
};

/**
 * The document in a field SAMLResponse: base64 of the ordinary alphabet, which may be in lines, of UTF-8.
 * @throws BrokerError signin_refused
 */
export function documentText(field: string): string {
  demand(field.length <= RESPONSE_CHARACTERS_MAX, 'saml_size');
  const base64 = field.replaceAll(/[\r\n]/g, '');
  const bytes = Buffer.from(base64, 'base64');
  // What decodes to the same bytes in two ways was not encoded by an identity provider.
  demand(BASE64.test(base64) && bytes.toString('base64') === base64, 'saml_base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw samlRefusal('saml_encoding');
  }
}

/**
 * Reads a document of a sign-in, and refuses elements that no sign-in has.
 * @throws BrokerError signin_refused
 */
export function readSamlDocument(text: string): XmlElement {
  const root = readStrictly(text);
  for (const { element } of everyElement(root)) {
    demand(!element.name.startsWith('Encrypted'), 'saml_encrypted');
    demand(NAMESPACES.has(element.namespace), 'saml_namespace');
  }
  return root;
}

function readStrictly(text: string): XmlElement {
  try {
    return readXml(text, LIMITS);
  } catch (error) {
    if (error instanceof XmlFault) throw samlRefusal(CHECK_OF[error.kind]);
    throw error;
  }
}
