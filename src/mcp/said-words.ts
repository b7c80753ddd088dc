import { ANY_TARGET, type TargetWords, targetWordsOf } from '../protocol/target-words.js';
import type { McpParts } from './mcp-parts.js';

/** The words for targets of every protocol that the server knows. */
export function wordsOfAll({ protocols }: Pick<McpParts, 'protocols'>): TargetWords {
  return targetWordsOf(protocols.map(({ words }) => words));
}

/** The words for a target of this protocol. */
export function wordsOfOne(protocol: string, { protocols }: Pick<McpParts, 'protocols'>): TargetWords {
  return protocols.find(({ name }) => name === protocol)?.words ?? ANY_TARGET;
}
