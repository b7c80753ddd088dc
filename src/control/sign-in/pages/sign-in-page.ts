import { html } from '../../http/html.js';
import type { PeopleProvider } from '../providers/people-providers.js';
import type { PlainPage } from './page.js';

export interface SignInChoice {
  readonly providers: readonly PeopleProvider[];
  /** Why nobody can sign in here; undefined when they can. */
  readonly fault: string | undefined;
  /** Who is signed in with this browser already. */
  readonly name: string | undefined;
  /** The path to go to afterwards. */
  readonly returnTo: string;
  /** What has ended a moment ago, as the address says; it is told only where nobody is signed in. */
  readonly signedOut: SignOutPlace | undefined;
}

export const SIGNED_OUT = ['here', 'everywhere'] as const;
export type SignOutPlace = (typeof SIGNED_OUT)[number];

const SIGNED_OUT_TEXTS: Readonly<Record<SignOutPlace, string>> = {
  here: 'You are signed out here.',
  everywhere: 'You are signed out everywhere: all of your sessions have ended.',
};

/** The page with the ways to sign in. */
export function signInPage({ providers, fault, name, returnTo, signedOut }: SignInChoice): PlainPage {
  const told = name === undefined && signedOut !== undefined ? html`<p>${SIGNED_OUT_TEXTS[signedOut]}</p>` : undefined;
  const body = html`${told}${signedInPart(name, returnTo)}${waysPart(providers, fault, returnTo)}`;
  return { title: 'Sign in', body };
}

function signedInPart(name: string | undefined, returnTo: string) {
  if (name === undefined) return undefined;
  return html`<p>You are signed in as <strong>${name}</strong>. <a href="${returnTo}">Go on</a></p>
    <form method="post" action="/auth/sign-out">
      <p><button class="way" type="submit">Sign out</button></p>
    </form>`;
}

function waysPart(providers: readonly PeopleProvider[], fault: string | undefined, returnTo: string) {
  if (fault !== undefined) {
    return html`<p>Sign-in is off at this address.</p>
      <p>For the operator: ${fault}</p>`;
  }
  if (providers.length === 0) {
    return html`<p>No identity provider is set up here yet. Ask your operator.</p>
      <p>
        Operators: <code>doorwarden sign-in-link --principal NAME</code> makes a link that works once, until a provider
        is set up.
      </p>`;
  }
  const query = returnTo === '/' ? '' : `?return=${encodeURIComponent(returnTo)}`;
  const ways = providers.map(
    ({ kind, name }) => html`<li><a class="way" href="/auth/${kind}/${name}${query}">Sign in with ${name}</a></li>`,
  );
  return html`<ul>
    ${ways}
  </ul>`;
}
