import type { Sponsor } from './sign-in.js';

/** The sponsor as people read it: a claim is marked as one. */
export function sponsorText({ name, isClaim }: Sponsor): string {
  return isClaim ? `${name} (as its token claims)` : name;
}

/** One person: all that acts in their name, and all that a sponsor may be called when it is them. */
export interface Person {
  /** Ids of the principals that the person acts by. */
  readonly principals: ReadonlySet<string>;
  /** As {@link nameKeyOf} gives them. */
  readonly names: ReadonlySet<string>;
}

/** What a principal is called. */
export interface KnownPrincipal {
  readonly id: string;
  readonly name: string;
  /** Verified by its provider, else null. */
  readonly email: string | null;
}

/** What a person is known by at one identity provider. */
export interface KnownIdentity {
  readonly subject: string;
  /** Verified by the provider, else null. */
  readonly email: string | null;
}

/** The person who has these principals, and signs in by these identities. */
export function personBehind(principals: readonly KnownPrincipal[], identities: readonly KnownIdentity[]): Person {
  const names = [
    ...principals.flatMap(({ name, email }) => [name, withoutProvider(name), ...(email === null ? [] : [email])]),
    ...identities.flatMap(({ subject, email }) => (email === null ? [subject] : [subject, email])),
  ];
  return {
    principals: new Set(principals.map(({ id }) => id)),
    names: new Set(names.map(nameKeyOf)),
  };
}

/**
 * Whether the sponsor may be this person. Providers write one person in many ways, so all that could be the same counts as
 * the same: at worst somebody else decides.
 */
export function isSponsor({ names }: Person, sponsor: Sponsor): boolean {
  const key = nameKeyOf(sponsor.name);
  return names.has(key) || names.has(withoutProvider(key));
}

/** What names are compared by: without regard to case, width and the spaces around them. */
export function nameKeyOf(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** Names of principals that a provider brought begin with its name and a colon; others have no colon. */
function withoutProvider(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
