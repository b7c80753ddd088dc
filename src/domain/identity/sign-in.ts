import { accountText, type SlackAccount } from '../slack-asked.js';

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
      /**
       * When the person proved who they are, in milliseconds since the epoch; null where their provider does not say. A
       * session may begin long after, without a question.
       */
      readonly signedInAtMs: number | null;
    }
  /** Somebody in Slack, whom a link or an e-mail address makes a principal: it says nothing of a sign-in. */
  | ({ readonly by: 'slack' } & SlackAccount);

/** How a decision, a record's entry and a log name it: `api-key:<id>`, `token:<provider>`, `session:<provider>`, `slack:<team>/<user>`. */
export function signInText(signIn: SignIn): string {
  if (signIn.by === 'api-key') return `api-key:${signIn.key}`;
  if (signIn.by === 'slack') return `slack:${accountText(signIn)}`;
  return `${signIn.by}:${signIn.provider ?? 'link'}`;
}

/** What is known of the session of a sign-in; null: it is by a key, a token or Slack. */
export type SessionSignIn = Pick<Extract<SignIn, { by: 'session' }>, 'signedInAtMs'>;

export function sessionOf(signIn: SignIn): SessionSignIn | null {
  return signIn.by === 'session' ? signIn : null;
}

/** Who answers for an agent. */
export interface Sponsor {
  readonly name: string;
  /** The agent's token says so; otherwise an operator has set it. */
  readonly isClaim: boolean;
}
