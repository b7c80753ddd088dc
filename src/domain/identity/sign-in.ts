import { accountText, type SlackAccount } from '../slack-asked.js';

/** What every sign-in by a session has. */
interface SessionFacts {
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

/** How a caller is known. */
export type SignIn =
  | { readonly by: 'api-key'; readonly key: string }
  /** An agent's bearer token; `tokenId` is its `jti`. */
  | { readonly by: 'token'; readonly provider: string; readonly tokenId: string | null }
  | ({ readonly by: 'session' } & SessionFacts)
  /**
   * The command line of a person, which they let in with a browser: no browser, so it is nobody on the web. `endsAtMs`: when
   * its session ends at the latest.
   */
  | ({ readonly by: 'device'; readonly endsAtMs: number } & SessionFacts)
  /** Somebody in Slack, whom a link or an e-mail address makes a principal: it says nothing of a sign-in. */
  | ({ readonly by: 'slack' } & SlackAccount);

/** How a decision, a record's entry and a log name it: `api-key:<id>`, `token:<provider>`, `session:<provider>`, `device:<provider>`, `slack:<team>/<user>`. */
export function signInText(signIn: SignIn): string {
  if (signIn.by === 'api-key') return `api-key:${signIn.key}`;
  if (signIn.by === 'slack') return `slack:${accountText(signIn)}`;
  return `${signIn.by}:${signIn.provider ?? 'link'}`;
}

/** What is known of the browser's session of a sign-in; null: it is by a key, a token, the command line or Slack. */
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
