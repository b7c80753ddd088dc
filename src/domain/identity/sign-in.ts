/** How a caller is known. */
export type SignIn =
  | { readonly by: 'api-key'; readonly key: string }
  /** An agent's bearer token; `tokenId` is its `jti`. */
  | { readonly by: 'token'; readonly provider: string; readonly tokenId: string | null }
  | {
      readonly by: 'session';
      /** The part of the session's hash that may be shown. */
      readonly session: string;
      /** Null: the session began with a one-time link. */
      readonly provider: string | null;
      /** When the person proved who they are, in milliseconds since the epoch. */
      readonly signedInAtMs: number;
    };

/** How a decision, a record's entry and a log name it: `api-key:<id>`, `token:<provider>`, `session:<provider>`. */
export function signInText(signIn: SignIn): string {
  if (signIn.by === 'api-key') return `api-key:${signIn.key}`;
  return `${signIn.by}:${signIn.provider ?? 'link'}`;
}

/** When the person of a session proved who they are; null of a key or a token, which do not tell. */
export function provedAtMs(signIn: SignIn): number | null {
  return signIn.by === 'session' ? signIn.signedInAtMs : null;
}

/** Who answers for an agent. */
export interface Sponsor {
  readonly name: string;
  /** The agent's token says so; otherwise an operator has set it. */
  readonly isClaim: boolean;
}
