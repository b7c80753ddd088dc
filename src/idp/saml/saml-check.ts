import { BrokerError } from '../../kernel/errors.js';

/** Each check that can refuse a sign-in by SAML, with what it found in words for an operator. */
export const SAML_CHECKS = {
  // The form that the browser brings
  saml_form: 'The form does not have exactly one SAMLResponse and one RelayState.',
  saml_size: 'The answer is larger, deeper or has more elements than any honest one.',
  saml_base64: 'The answer is not in base64 of the ordinary alphabet.',
  // The text of the document
  saml_encoding: 'The document is not UTF-8, or says that it is not.',
  saml_character: 'The document has a character that XML does not have.',
  saml_doctype: 'The document has a document type or declares something.',
  saml_comment: 'The document has a comment.',
  saml_cdata: 'The document has a CDATA section.',
  saml_instruction: 'The document has a processing instruction.',
  saml_entity: 'The document refers to an entity that XML does not have by itself.',
  saml_namespace: 'The document has an element or a namespace that no sign-in needs, or a prefix of no namespace.',
  saml_xml: 'The document is not well-formed XML.',
  // The response
  saml_root: 'The document is no Response of SAML 2.0.',
  saml_version: 'The response or its assertion is of another version than 2.0.',
  saml_status: 'The identity provider says that it did not sign the person in.',
  saml_encrypted: 'The response has something encrypted, which the broker does not take.',
  saml_structure: 'The response or its assertion has other parts, or another number of them, than a sign-in has.',
  saml_id: 'Two elements have the same ID, or an ID is none.',
  saml_issuer: 'The response or its assertion was issued by another than this identity provider.',
  saml_destination: 'The response was sent to another address than this one.',
  saml_unsolicited: 'The response or its assertion answers no request: sign-in begins at the broker.',
  saml_request:
    'The response or its assertion answers a request that is not open here: of another, answered, or too old.',
  saml_relay_state: 'The RelayState is not that of the request which the response answers.',
  // Its signatures
  saml_unsigned: 'The assertion is not signed, or the response is not although it must be.',
  saml_signature: 'A signature is not by a certificate of the identity provider, or not of these bytes.',
  saml_signature_form: 'A signature has other parts than a signature of SAML has.',
  saml_algorithm: 'A signature or digest is by an algorithm that is too weak or of another kind.',
  saml_reference: 'A signature does not cover exactly the element that it stands in.',
  saml_transform: 'A signature covers a changed form of the element that it stands in.',
  saml_certificate: 'Every certificate of the identity provider has expired or is not yet valid.',
  // The assertion
  saml_conditions: 'The assertion has no conditions, or one that the broker does not know.',
  saml_audience: 'The assertion is for another than the broker.',
  saml_expired: 'The assertion is too old, or its time is over.',
  saml_not_yet: "The assertion's time has not begun.",
  saml_confirmation: 'The subject is not confirmed once, as bearer, for a time that has not passed.',
  saml_recipient: 'The assertion was made for another address than this one.',
  saml_name_id: 'The subject has no lasting name of plain characters.',
  saml_authentication: 'The assertion does not say that the person signed in, recently enough.',
  saml_authn_context: 'The person signed in by another way than was asked for.',
  saml_session: 'The session at the identity provider is over already.',
  saml_attributes: 'The assertion has more attributes or longer values than the broker takes, or one without a name.',
  saml_replayed: 'The assertion was used before.',
  // All else
  saml_unreadable: 'The library refused the response for a reason that has no name here.',
} as const;

export type SamlCheck = keyof typeof SAML_CHECKS;

/** The refusal of a sign-in, with nothing of what was refused in it. */
export function samlRefusal(check: SamlCheck): BrokerError {
  return new BrokerError('signin_refused', { fields: { check } });
}

/** Refuses the sign-in unless the condition holds. */
export function demand(condition: unknown, check: SamlCheck): asserts condition {
  if (!condition) throw samlRefusal(check);
}
