import type { ProtocolName } from '../domain/protocol-value.js';
import type { AccessWords } from './access-words.js';

/**
 * What the targets of a protocol and their operations are called, in texts for agents and people who may have targets of
 * several protocols. Protocols that share the words give the same object.
 */
export interface TargetWords {
  /** One of them: `a database`. */
  readonly aTarget: string;
  /** That one: `the database`. */
  readonly theTarget: string;
  /** Several: `databases`. */
  readonly targets: string;
  /** What a target is in the list of all: `database servers`. */
  readonly servers: string;
  /** `statement`. */
  readonly operation: string;
  /** `statements`. */
  readonly operations: string;
  /** What the list says of a target besides what it says of all: `flavour`. */
  readonly listed: readonly string[];
}

/** A protocol as agents are told of it. */
export interface ToldProtocol {
  readonly name: ProtocolName;
  readonly access: AccessWords;
  readonly words: TargetWords;
}

/** What is true of a target of any protocol. */
export const ANY_TARGET: TargetWords = {
  aTarget: 'a target',
  theTarget: 'the target',
  targets: 'targets',
  servers: 'servers',
  operation: 'operation',
  operations: 'operations',
  listed: [],
};

/** Words for a text about targets of all these: those of one where there is one, and else each, joined. */
export function targetWordsOf(words: readonly TargetWords[]): TargetWords {
  const different = [...new Set(words)];
  const [first = ANY_TARGET] = different;
  if (different.length <= 1) return first;
  const joined = (part: 'aTarget' | 'targets' | 'servers' | 'operation' | 'operations', type: 'or' | 'and'): string =>
    inOneList([...new Set(different.map((each) => each[part]))], type);
  return {
    aTarget: joined('aTarget', 'or'),
    theTarget: ANY_TARGET.theTarget,
    targets: joined('targets', 'and'),
    servers: joined('servers', 'and'),
    operation: joined('operation', 'or'),
    operations: joined('operations', 'and'),
    listed: [...new Set(different.flatMap(({ listed }) => listed))],
  };
}

/** `a`, `a and b`, `a, b and c`. */
function inOneList(parts: readonly string[], word: 'or' | 'and'): string {
  const [last = '', ...before] = parts.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} ${word} ${last}`;
}
