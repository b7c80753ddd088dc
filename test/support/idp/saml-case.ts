import type { SamlProviderSettings } from '../../../src/domain/identity/saml-provider.js';
import type { SamlCheck } from '../../../src/idp/saml/saml-check.js';
import type { LyingSaml, SamlKeys } from './lying-saml.js';
import type { SamlAsked } from './saml-texts.js';

/** What a case has at hand. */
export interface SamlScene {
  /** The provider, with a request that is open. */
  readonly idp: LyingSaml;
  /** Another provider of the same broker, with an open request of its own. */
  readonly other: LyingSaml;
  readonly keys: SamlKeys;
  readonly relayState: string;
  readonly otherRelayState: string;
  /** The same provider with a further open request. */
  readonly again: () => Promise<{ readonly idp: LyingSaml; readonly relayState: string }>;
}

/** What the browser brings: a document, or whatever else stands in its place. */
export interface Brought {
  readonly document?: string | Uint8Array;
  /** In place of the base64 of the document. */
  readonly samlResponse?: string;
  readonly relayState?: string;
  /** In place of the whole form. */
  readonly body?: string;
}

/** One input, and what has to happen to it. */
export interface SamlCase {
  readonly id: string;
  readonly what: string;
  /** What the library does alone, with its strictest options; `not asked`: there is no document, or it would take it very long. */
  readonly alone: 'accepted' | 'refused' | 'not asked';
  readonly outcome: 'accepted' | SamlCheck;
  /** What the browser brings, in order; the last is the case, the others come before it. */
  readonly brings: (scene: SamlScene) => Brought | readonly Brought[] | Promise<readonly Brought[]>;
  readonly settings?: (keys: SamlKeys) => Partial<SamlProviderSettings>;
  /** The request asked for a fresh proof that it is this person. */
  readonly reauthenticate?: boolean;
}

/** A case in which one document is brought. */
export function documentCase(
  id: string,
  what: string,
  [alone, outcome]: readonly [SamlCase['alone'], SamlCase['outcome']],
  document: (scene: SamlScene) => string | Uint8Array,
): SamlCase {
  return { id, what, alone, outcome, brings: (scene) => ({ document: document(scene) }) };
}

export function formOf({ document = '', samlResponse, relayState, body }: Brought, usual: string): string {
  if (body !== undefined) return body;
  const response = samlResponse ?? Buffer.from(document).toString('base64');
  return new URLSearchParams({ SAMLResponse: response, RelayState: relayState ?? usual }).toString();
}

export type { SamlAsked };
