import { randomBytes } from 'node:crypto';
import { type SamlCase, documentCase } from './saml-case.js';
import { attribute } from './saml-texts.js';

const AFTER_ISSUER = '</saml:Issuer>';
const LAUGHS = Array.from({ length: 9 }, (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`).join(
  '',
);
const after = (xml: string, from: string, to: string): string => xml.replace(from, to);

/** Encrypted as XML encryption has it, with random bytes in place of what nobody here could decrypt. */
function encrypted(method: string, keyMethod: string): string {
  const value = (bytes: number): string =>
    `<xenc:CipherData><xenc:CipherValue>${randomBytes(bytes).toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  const key = `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${keyMethod}"/>${value(256)}</xenc:EncryptedKey>`;
  const info = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${key}</ds:KeyInfo>`;
  return [
    '<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"',
    ` Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="${method}"/>`,
    `${info}${value(512)}</xenc:EncryptedData></saml:EncryptedAssertion>`,
  ].join('');
}

/** Texts that readers of XML take differently, and what is no document at all. */
export const DOCUMENT_CASES: readonly SamlCase[] = [
  documentCase(
    '7',
    'a comment in the NameID, signed (CVE-2017-11427 and its family)',
    ['accepted', 'saml_comment'],
    ({ idp }) => idp.answer({ assertion: { nameId: 'alice@example.com<!---->.evil.example' } }),
  ),
  documentCase('7b', 'a comment in the NameID, put there after signing', ['accepted', 'saml_comment'], ({ idp }) =>
    after(idp.answer(), '>alice@example.com</saml:NameID>', '>alice@example.com<!-- --></saml:NameID>'),
  ),
  documentCase(
    '26',
    'a DOCTYPE with an entity',
    ['accepted', 'saml_doctype'],
    ({ idp }) => `<!DOCTYPE r [<!ENTITY who "root@example.com">]>${idp.answer()}`,
  ),
  documentCase(
    '27',
    'billion laughs',
    ['refused', 'saml_doctype'],
    ({ idp }) => `<!DOCTYPE r [<!ENTITY l0 "ha">${LAUGHS}]>${after(idp.answer(), '>alice@example.com<', '>&l9;<')}`,
  ),
  documentCase(
    '28',
    'an external entity is declared',
    ['accepted', 'saml_doctype'],
    ({ idp }) => `<!DOCTYPE r [<!ENTITY who SYSTEM "file:///etc/passwd">]>${idp.answer()}`,
  ),
  documentCase('38', 'no XML', ['refused', 'saml_xml'], () => 'SAML, honestly'),
  documentCase('39', '2 MiB of comment', ['accepted', 'saml_size'], ({ idp }) =>
    after(idp.answer(), AFTER_ISSUER, `${AFTER_ISSUER}<!--${'x'.repeat(2_097_152)}-->`),
  ),
  documentCase('40', 'a LogoutResponse', ['refused', 'saml_root'], ({ idp }) =>
    idp.response('').replaceAll('samlp:Response', 'samlp:LogoutResponse'),
  ),
  documentCase('41', 'a processing instruction in the NameID, signed', ['accepted', 'saml_instruction'], ({ idp }) =>
    idp.answer({ assertion: { nameId: 'alice@example.com<?x y?>.evil.example' } }),
  ),
  documentCase(
    'D1',
    'an encrypted assertion: AES-CBC, of which padding errors tell',
    ['refused', 'saml_encrypted'],
    ({ idp }) =>
      idp.response(
        encrypted('http://www.w3.org/2001/04/xmlenc#aes256-cbc', 'http://www.w3.org/2001/04/xmlenc#rsa-1_5'),
      ),
  ),
  documentCase(
    'D2',
    'an assertion encrypted to a key that is gone: AES-GCM',
    ['refused', 'saml_encrypted'],
    ({ idp }) =>
      idp.response(
        encrypted('http://www.w3.org/2009/xmlenc11#aes256-gcm', 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'),
      ),
  ),
  documentCase('D3', 'a signed assertion with an encrypted attribute', ['accepted', 'saml_encrypted'], ({ idp }) =>
    idp.answer({ assertion: { attributes: `${attribute('groups', 'dba')}<saml:EncryptedAttribute/>` } }),
  ),
  documentCase('D4', 'an XInclude', ['accepted', 'saml_namespace'], ({ idp }) => {
    const include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>';
    return idp.answer({ assertion: { attributes: attribute('groups', 'dba', include) } });
  }),
  documentCase('D5', 'UTF-16', ['refused', 'saml_encoding'], ({ idp }) =>
    Buffer.from(`\u{FEFF}${idp.answer()}`, 'utf16le'),
  ),
  documentCase(
    'D6',
    'UTF-7, declared',
    ['accepted', 'saml_encoding'],
    ({ idp }) => `<?xml version="1.0" encoding="UTF-7"?>${idp.answer()}`,
  ),
  documentCase('D7', 'UTF-7, not declared', ['refused', 'saml_xml'], ({ idp }) =>
    idp.answer().replaceAll('<', '+ADw-'),
  ),
  documentCase('D8', 'bytes that are no UTF-8', ['refused', 'saml_encoding'], ({ idp }) =>
    Buffer.from(after(idp.answer(), '>alice@example.com<', '>alice\u00E9@example.com<'), 'latin1'),
  ),
  {
    id: 'D9',
    what: 'base64 with other characters in it',
    alone: 'accepted',
    outcome: 'saml_base64',
    brings: ({ idp }) => ({
      samlResponse: Buffer.from(idp.answer())
        .toString('base64')
        .replace(/^(.{40})/, '$1*~ *'),
    }),
  },
  {
    id: 'D10',
    what: 'base64 of the alphabet for addresses',
    alone: 'accepted',
    outcome: 'saml_base64',
    brings: ({ idp }) => ({
      samlResponse: Buffer.from(`${idp.answer()} <!--\u00FF\u00FE???>>>-->`).toString('base64url'),
    }),
  },
  documentCase('D11', 'a CDATA section in the NameID', ['accepted', 'saml_cdata'], ({ idp }) =>
    idp.answer({ assertion: { nameId: 'alice<![CDATA[@example.com]]>' } }),
  ),
  documentCase('D12', 'an entity that nobody declared', ['refused', 'saml_entity'], ({ idp }) =>
    after(idp.answer(), '>alice@example.com<', '>&who;<'),
  ),
  documentCase('D13', 'a reference to a character that XML does not have', ['refused', 'saml_entity'], ({ idp }) =>
    after(idp.answer(), '>alice@example.com<', '>alice&#0;@example.com<'),
  ),
  documentCase('D14', 'a byte that XML does not have', ['refused', 'saml_character'], ({ idp }) =>
    after(idp.answer(), '>alice@example.com<', '>alice\u0000@example.com<'),
  ),
  documentCase(
    'D15',
    'a namespace with a relative address, under which some sign nothing',
    ['accepted', 'saml_namespace'],
    ({ idp }) => idp.answer().replace('<samlp:Response ', '<samlp:Response xmlns:v="1" '),
  ),
  documentCase('D16', 'two thousand elements in each other', ['refused', 'saml_size'], ({ idp }) =>
    idp.response(`${'<saml:Assertion>'.repeat(2_000)}${'</saml:Assertion>'.repeat(2_000)}`),
  ),
  documentCase('D17', '10,000 groups', ['not asked', 'saml_size'], ({ idp }) => {
    const groups = Array.from({ length: 10_000 }, (_, index) => `g${index}`);
    return idp.answer({ assertion: { attributes: attribute('groups', ...groups) } });
  }),
  documentCase(
    'D18',
    'an end tag too many, which a forgiving reader passes over',
    ['accepted', 'saml_xml'],
    ({ idp }) => after(idp.answer(), '</samlp:Status>', '</samlp:Status></samlp:Extra>'),
  ),
  documentCase('D19', 'text after the end', ['accepted', 'saml_xml'], ({ idp }) => `${idp.answer()}text`),
  documentCase('D20', 'a second root', ['refused', 'saml_xml'], ({ idp }) => `${idp.answer()}<samlp:Response/>`),
  documentCase('D21', 'elements that no sign-in has', ['accepted', 'saml_namespace'], ({ idp }) =>
    after(idp.answer(), '</samlp:Status>', '</samlp:Status><x:note xmlns:x="urn:x"/>'),
  ),
  documentCase('D22', 'Extensions in the response', ['accepted', 'saml_structure'], ({ idp }) =>
    after(idp.answer(), '</samlp:Status>', '</samlp:Status><samlp:Extensions/>'),
  ),
  documentCase('D23', 'no status', ['accepted', 'saml_structure'], ({ idp }) =>
    idp.answer().replace(/<samlp:Status>.*?<\/samlp:Status>/s, ''),
  ),
  documentCase('D24', 'an AuthnRequest in place of a response', ['refused', 'saml_root'], ({ idp }) =>
    idp.answer().replaceAll('samlp:Response', 'samlp:AuthnRequest'),
  ),
];
