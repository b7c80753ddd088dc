import { type SamlKey, makeSamlKey } from './saml-keys.js';
import { type Signing, signed } from './saml-signing.js';
import {
  type AssertionText,
  type ResponseText,
  type SamlAsked,
  assertionXml,
  honestAssertion,
  honestResponse,
  responseXml,
} from './saml-texts.js';

/** The keys of all providers of the tests; made once, since an RSA key takes its time. */
export interface SamlKeys {
  /** What the provider signs with, and what it will sign with next: the broker has certificates of both. */
  readonly current: SamlKey;
  readonly next: SamlKey;
  /** Of nobody that the broker knows; its certificate has the provider's name. */
  readonly foreign: SamlKey;
  /** Of another provider of the same broker. */
  readonly other: SamlKey;
  readonly expired: SamlKey;
}

export async function makeSamlKeys(): Promise<SamlKeys> {
  const [current, next, foreign, other, expired] = await Promise.all([
    makeSamlKey('idp.example'),
    makeSamlKey('idp.example'),
    makeSamlKey('idp.example'),
    makeSamlKey('other.example'),
    makeSamlKey('idp.example', { fromDays: -400, toDays: -1 }),
  ]);
  return { current, next, foreign, other, expired };
}

/** What is changed of an answer to make it a lie. */
export interface Lie {
  readonly assertion?: Partial<AssertionText>;
  /** Attributes of the response; undefined leaves one out. */
  readonly response?: Readonly<Record<string, string | undefined>>;
  readonly responseIssuer?: string;
  readonly status?: string;
  readonly key?: SamlKey;
  readonly signing?: Signing;
  readonly signResponse?: boolean;
  /** The response's own signature, where it is another than the assertion's. */
  readonly responseSigning?: Signing;
}

/** An identity provider that says whatever it is told to: honest answers, and every attack on them. */
export class LyingSaml {
  constructor(
    readonly asked: SamlAsked,
    readonly key: SamlKey,
  ) {}

  /** A whole answer, base64 not yet applied. */
  answer(lie: Lie = {}): string {
    const unsigned = this.response(this.assertion(lie), lie);
    return lie.signResponse ? signed(unsigned, 'Response', lie.key ?? this.key, lie.responseSigning) : unsigned;
  }

  /** A signed assertion. */
  assertion({ assertion, key, signing }: Lie = {}): string {
    return this.sign(this.unsignedAssertion(assertion), signing, key);
  }

  sign(assertion: string, signing?: Signing, key?: SamlKey): string {
    return signed(assertion, 'Assertion', key ?? this.key, signing);
  }

  unsignedAssertion(change: Partial<AssertionText> = {}): string {
    return assertionXml({ ...honestAssertion(this.asked), ...change });
  }

  /** A response around whatever is given. */
  response(content: string, { response, responseIssuer, status }: Lie = {}): string {
    const honest = honestResponse(this.asked, content);
    const text: ResponseText = {
      ...honest,
      attributes: { ...honest.attributes, ...response },
      ...(responseIssuer !== undefined && { issuer: responseIssuer }),
      ...(status !== undefined && { status }),
    };
    return responseXml(text);
  }
}
