import { type SamlCase, type SamlScene, documentCase } from './saml-case.js';
import { signatureIn, signed } from './saml-signing.js';
import { attribute, newId } from './saml-texts.js';

const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const INCLUSIVE_C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

const evil = ({ idp }: SamlScene, id = newId()): string => idp.unsignedAssertion({ id, nameId: 'root@example.com' });
const idOf = (xml: string): string => /<saml:Assertion[^>]* ID="([^"]+)"/.exec(xml)?.[1] ?? '';
const withSignature = (xml: string, signature: string): string =>
  xml.replace('</saml:Issuer>', `</saml:Issuer>${signature}`);
const without = (xml: string): string => xml.replace(signatureIn(xml), '');

/** Signatures that are none, and documents around good ones (signature wrapping). */
export const SIGNATURE_CASES: readonly SamlCase[] = [
  documentCase('1', 'not signed', ['refused', 'saml_unsigned'], ({ idp }) => idp.response(idp.unsignedAssertion())),
  documentCase(
    '2',
    'signed by a foreign key, with its certificate in KeyInfo',
    ['refused', 'saml_signature'],
    ({ idp, keys }) => idp.answer({ key: keys.foreign }),
  ),
  documentCase('3', 'NameID changed after signing', ['refused', 'saml_signature'], ({ idp }) =>
    idp.answer().replace('>alice@example.com</saml:NameID>', '>root@example.com</saml:NameID>'),
  ),
  documentCase('4', 'group changed after signing', ['refused', 'saml_signature'], ({ idp }) =>
    idp.answer().replace('>security<', '>operators<'),
  ),
  documentCase('5', 'only the response is signed', ['refused', 'saml_unsigned'], ({ idp }) =>
    signed(idp.response(idp.unsignedAssertion()), 'Response', idp.key),
  ),
  documentCase(
    '6.1',
    'wrapping: the signed assertion in an Object of the evil one',
    ['refused', 'saml_structure'],
    (scene) => {
      const good = scene.idp.assertion();
      const signature = signatureIn(good).replace(
        '</ds:Signature>',
        `<ds:Object>${without(good)}</ds:Object></ds:Signature>`,
      );
      return scene.idp.response(withSignature(evil(scene), signature));
    },
  ),
  documentCase('6.2', 'wrapping: the evil assertion first', ['refused', 'saml_structure'], (scene) =>
    scene.idp.response(evil(scene) + scene.idp.assertion()),
  ),
  documentCase('6.3', 'wrapping: the evil assertion after', ['refused', 'saml_structure'], (scene) =>
    scene.idp.response(scene.idp.assertion() + evil(scene)),
  ),
  documentCase('6.4', 'wrapping: the evil assertion around the signed one', ['refused', 'saml_structure'], (scene) =>
    scene.idp.response(evil(scene).replace('</saml:Assertion>', `${scene.idp.assertion()}</saml:Assertion>`)),
  ),
  documentCase('6.5', 'wrapping: the signature detached, in the response', ['refused', 'saml_structure'], (scene) => {
    const good = scene.idp.assertion();
    return scene.idp.response(signatureIn(good) + without(good) + evil(scene));
  }),
  documentCase(
    '6.6',
    'wrapping: the evil assertion in an Object of the good signature',
    ['accepted', 'saml_structure'],
    (scene) =>
      scene.idp.response(
        scene.idp.assertion().replace('</ds:Signature>', `<ds:Object>${evil(scene)}</ds:Object></ds:Signature>`),
      ),
  ),
  documentCase('6.7', 'wrapping: the signed assertion in Extensions', ['refused', 'saml_structure'], (scene) =>
    scene.idp.response(`<samlp:Extensions>${scene.idp.assertion()}</samlp:Extensions>${evil(scene)}`),
  ),
  documentCase('6.8', 'wrapping: two elements of the same ID', ['refused', 'saml_structure'], (scene) => {
    const good = scene.idp.assertion();
    return scene.idp.response(withSignature(evil(scene, idOf(good)), signatureIn(good)) + good);
  }),
  documentCase('24', 'SHA-1 in signature and digest', ['accepted', 'saml_algorithm'], ({ idp }) =>
    idp.answer({
      signing: {
        signature: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
        digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
      },
    }),
  ),
  documentCase('25', 'HMAC with the public certificate as its key', ['refused', 'saml_algorithm'], ({ idp }) =>
    idp.answer({ signing: { hmacKey: idp.key.certificate } }),
  ),
  documentCase('30', 'two signed assertions', ['refused', 'saml_structure'], ({ idp }) =>
    idp.response(idp.assertion() + idp.assertion({ assertion: { nameId: 'bob@example.com' } })),
  ),
  documentCase('32', 'an empty SignatureValue', ['refused', 'saml_signature_form'], ({ idp }) =>
    idp.answer().replace(/(<ds:SignatureValue>)[^<]*/, '$1'),
  ),
  documentCase('33', 'no Reference', ['refused', 'saml_reference'], ({ idp }) =>
    idp.answer().replace(/<ds:Reference.*?<\/ds:Reference>/s, ''),
  ),
  documentCase('34', 'two SignedInfo (the form of CVE-2025-29774)', ['refused', 'saml_signature_form'], ({ idp }) => {
    const answer = idp.answer().replace('>alice@example.com</saml:NameID>', '>root@example.com</saml:NameID>');
    return answer.replace(/<ds:SignedInfo>.*?<\/ds:SignedInfo>/s, (info) => info + info);
  }),
  documentCase('35', 'a comment in DigestValue (the form of CVE-2025-29775)', ['refused', 'saml_comment'], ({ idp }) =>
    idp
      .answer()
      .replace('>alice@example.com</saml:NameID>', '>root@example.com</saml:NameID>')
      .replace('<ds:DigestValue>', '<ds:DigestValue><!--AAAA-->'),
  ),
  documentCase(
    'S1',
    'an Object in the signature, without an assertion in it',
    ['accepted', 'saml_signature_form'],
    ({ idp }) => idp.answer().replace('</ds:Signature>', '<ds:Object>text</ds:Object></ds:Signature>'),
  ),
  documentCase('S2', 'two elements with one ID, one of them harmless', ['refused', 'saml_id'], ({ idp }) => {
    const assertion = idp.assertion();
    return idp
      .response(assertion, { response: { ID: newId() } })
      .replace('<samlp:StatusCode ', `<samlp:StatusCode Id="${idOf(assertion)}" `);
  }),
  documentCase('S3', 'the assertion signed by inclusive canonicalisation', ['accepted', 'saml_transform'], ({ idp }) =>
    idp.answer({ signing: { transforms: [ENVELOPED, INCLUSIVE_C14N] } }),
  ),
  documentCase('S4', 'an XPath transform', ['refused', 'saml_transform'], ({ idp }) =>
    idp
      .answer()
      .replace(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::saml:Subject)</ds:XPath></ds:Transform></ds:Transforms>',
      ),
  ),
  documentCase('S5', 'an XSLT transform', ['refused', 'saml_namespace'], ({ idp }) =>
    idp
      .answer()
      .replace(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/></ds:Transform></ds:Transforms>',
      ),
  ),
  documentCase('S6', 'the Reference is of the whole document', ['refused', 'saml_reference'], ({ idp }) =>
    idp.answer().replace(/URI="#[^"]*"/, 'URI=""'),
  ),
  documentCase(
    'S7',
    'the signature of the response stands in the assertion',
    ['refused', 'saml_reference'],
    ({ idp }) => {
      const whole = signed(idp.response(idp.unsignedAssertion()), 'Response', idp.key);
      const signature = signatureIn(whole);
      return whole.replace(signature, '').replace(/(<saml:Assertion .*?<\/saml:Issuer>)/s, `$1${signature}`);
    },
  ),
  documentCase(
    'S8',
    'a good assertion in a response with a foreign signature',
    ['accepted', 'saml_signature'],
    ({ idp, keys }) => signed(idp.answer(), 'Response', keys.foreign),
  ),
  documentCase('S9', 'attributes added after signing', ['refused', 'saml_signature'], ({ idp }) =>
    idp.answer().replace('</saml:AttributeStatement>', `${attribute('roles', 'operator')}</saml:AttributeStatement>`),
  ),
  {
    ...documentCase('S10', 'the response not signed, where it has to be', ['refused', 'saml_unsigned'], ({ idp }) =>
      idp.answer(),
    ),
    settings: () => ({ wantResponseSigned: true }),
  },
];
