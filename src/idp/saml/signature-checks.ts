import { demand } from './saml-check.js';
import { EXCLUSIVE_C14N, SIGNATURE } from './saml-names.js';
import {
  type XmlElement,
  attributeOf,
  childrenOf,
  elementsOf,
  everyElement,
  isNamed,
  textOf,
} from './xml/xml-element.js';

/** Those that are strong and that the library verifies: it has no rsa-sha384 and no ECDSA. */
const SIGNATURE_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);
const DIGEST_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * The form of the signatures, before anybody verifies them: one of the assertion, perhaps one of the response, and
 * nothing else that a signature can carry or cover.
 * @throws BrokerError signin_refused
 */
export function checkSignatures(root: XmlElement, assertion: XmlElement): { isResponseSigned: boolean } {
  const signatures = [...everyElement(root)].filter(({ element }) => element.name === 'Signature');
  for (const { element, parent } of signatures) {
    demand(element.namespace === SIGNATURE && (parent === root || parent === assertion), 'saml_signature_form');
    checkForm(element);
    checkReference(element, attributeOf(parent, 'ID'));
  }
  const signers = signatures.map(({ parent }) => parent);
  demand(signers.includes(assertion), 'saml_unsigned');
  demand(new Set(signers).size === signers.length, 'saml_signature_form');
  return { isResponseSigned: signers.includes(root) };
}

function checkForm(signature: XmlElement): void {
  const names = elementsOf(signature).map(({ name, namespace }) => (namespace === SIGNATURE ? name : ''));
  const shape = names.filter((name) => name !== 'KeyInfo').join(' ');
  demand(shape === 'SignedInfo SignatureValue', 'saml_signature_form');
  demand(names.filter((name) => name === 'KeyInfo').length <= 1, 'saml_signature_form');
  const value = only(signature, 'SignatureValue');
  demand(BASE64.test(textOf(value) ?? ''), 'saml_signature_form');
  const info = only(signature, 'SignedInfo');
  const method = algorithmOf(only(info, 'SignatureMethod'));
  demand(SIGNATURE_METHODS.has(method), 'saml_algorithm');
  // Exclusive is what SAML asks for (section 5.4.3 of its core); the other forms depend on what is around them.
  demand(algorithmOf(only(info, 'CanonicalizationMethod')) === EXCLUSIVE_C14N, 'saml_transform');
}

/** One reference, to the very element that the signature stands in, without anything that changes what it covers. */
function checkReference(signature: XmlElement, parentId: string | undefined): void {
  const references = [...everyElement(signature)].filter(({ element }) => element.name === 'Reference');
  const info = only(signature, 'SignedInfo');
  const [reference] = childrenOf(info, SIGNATURE, 'Reference');
  demand(reference !== undefined && references.length === 1 && elementsOf(info).length === 3, 'saml_reference');
  demand(parentId !== undefined && attributeOf(reference, 'URI') === `#${parentId}`, 'saml_reference');
  demand(DIGEST_METHODS.has(algorithmOf(only(reference, 'DigestMethod'))), 'saml_algorithm');
  demand(BASE64.test(textOf(only(reference, 'DigestValue')) ?? ''), 'saml_signature_form');
  const transforms = elementsOf(only(reference, 'Transforms'));
  const algorithms = transforms.map((transform) =>
    isNamed(transform, SIGNATURE, 'Transform') ? algorithmOf(transform) : '',
  );
  demand(algorithms.join(' ') === `${ENVELOPED} ${EXCLUSIVE_C14N}`, 'saml_transform');
  const inTransforms = transforms.flatMap((transform) => elementsOf(transform));
  demand(
    inTransforms.every((element) => isNamed(element, EXCLUSIVE_C14N, 'InclusiveNamespaces')),
    'saml_transform',
  );
}

function only(element: XmlElement, name: string): XmlElement {
  const [found, ...more] = childrenOf(element, SIGNATURE, name);
  demand(found !== undefined && more.length === 0, 'saml_signature_form');
  return found;
}

function algorithmOf(method: XmlElement): string {
  return attributeOf(method, 'Algorithm') ?? '';
}
