import type { SqlMode } from '../domain/statement.js';

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
      /** The statement time limit is off behind it: the gateway puts its own back before the next statement. */
      readonly resetsTimeLimit?: true;
    };
