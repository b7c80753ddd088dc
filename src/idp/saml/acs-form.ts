import { demand } from './saml-check.js';

/** Of the form's bytes: a response of the largest size, with every character of it escaped that a browser escapes. */
export const FORM_BYTES_MAX = 409_600;
const RELAY_STATE_CHARACTERS_MAX = 80; // the most that SAML's bindings have (section 3.4.3)
const FIELDS_MAX = 16;

/** What the browser brings from the provider. */
export interface AcsForm {
  readonly samlResponse: string;
  readonly relayState: string;
}

/**
 * Reads the body of a form (application/x-www-form-urlencoded) with exactly one field of each name. Of two, one reader
 * would take the first and another the last.
 * @throws BrokerError signin_refused
 */
export function readAcsForm(body: Uint8Array): AcsForm {
  demand(body.byteLength <= FORM_BYTES_MAX, 'saml_size');
  const fields = new URLSearchParams(Buffer.from(body).toString('latin1'));
  demand([...fields.keys()].length <= FIELDS_MAX, 'saml_form');
  return {
    samlResponse: only(fields, 'SAMLResponse'),
    relayState: only(fields, 'RelayState', RELAY_STATE_CHARACTERS_MAX),
  };
}

function only(fields: URLSearchParams, name: string, charactersMax = FORM_BYTES_MAX): string {
  const [value, ...more] = fields.getAll(name);
  demand(value !== undefined && value !== '' && more.length === 0 && value.length <= charactersMax, 'saml_form');
  return value;
}
