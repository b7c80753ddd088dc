import type { SqlDialect, SqlMode } from '../domain/statement.js';

/** What a statement would change of the session that the broker must know or must not allow. */
export type SessionChange =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'refuse';
      readonly code: 'session_change_refused' | 'character_set_refused';
      /** A sentence for the client: no SQL of its own. */
      readonly detail: string;
    }
  | { readonly kind: 'change'; readonly database?: string; readonly sqlMode?: SqlMode; readonly autocommit?: boolean };

/** Looks at every statement that is no cached plain one, whatever the policy says. */
export function sessionChange(text: Buffer, dialect: SqlDialect): SessionChange {
  void [text, dialect];
  return { kind: 'none' };
}
