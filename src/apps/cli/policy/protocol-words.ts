import type { ProtocolValue } from '../../../domain/protocol-value.js';
import { PROTOCOLS } from '../../protocols.js';

/** What a protocol calls its own values. */
export interface ProtocolWords {
  readonly access: (rule: ProtocolValue) => string;
  readonly facts: (facts: ProtocolValue) => string;
}

const AS_JSON: ProtocolWords = { access: (rule) => JSON.stringify(rule), facts: (facts) => JSON.stringify(facts) };

/** The words of the protocol; values of one that this version does not know are JSON. */
export function wordsOf(protocolName: string, protocols = PROTOCOLS): ProtocolWords {
  const protocol = protocols.find(({ name }) => name === protocolName);
  if (protocol === undefined) return AS_JSON;
  const { grants, policies } = protocol;
  return { access: (rule) => grants.inWords(rule), facts: (facts) => policies.factsInWords(facts) };
}
