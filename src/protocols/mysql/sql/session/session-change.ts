import type { SqlMode } from '../text/dialect.js';

/** What a statement would change of the session that the broker must know or must not allow. */
export type SessionChange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'refuse';
      readonly code: 'session_change_refused' | 'character_set_refused';
      /** A sentence for the client: no SQL of its own. */
      readonly detail: string;
    }
  | {
      readonly kind: 'change';
      readonly database?: string;
      readonly sqlMode?: SqlMode;
      readonly autocommit?: boolean;
      /** It sets what the broker has to ask the target about before it reads a further text: character sets. */
      readonly isUnknown?: true;
      /** The session's time limit for statements is another one after it. */
      readonly setsTimeLimit?: true;
      /** Milliseconds that this one statement may run, by its own text. */
      readonly limitMs?: number;
      /** What has to be known before it can be judged: it is no literal. */
      readonly asks?: readonly AskedSetting[];
    };

/** A variable whose value is no literal: the target is asked for it, in the session, before the statement goes. */
export interface AskedSetting {
  /** The variable's name in lower case. */
  readonly name: string;
  readonly value: VariableValue;
}

export type VariableValue =
  /** Free of side effects and of tables. */
  | { readonly kind: 'expression'; readonly text: string }
  /** That of a placeholder, counted from 0. */
  | { readonly kind: 'parameter'; readonly index: number };

/** A refusal counts most; changes add up, the later one on top. */
export function bothChanges(first: SessionChange, second: SessionChange): SessionChange {
  if (first.kind === 'refuse' || second.kind === 'none') return first;
  if (second.kind === 'refuse' || first.kind === 'none') return second;
  const asks = [...(first.asks ?? []), ...(second.asks ?? [])];
  return { ...first, ...second, ...(asks.length === 0 ? {} : { asks }) };
}
