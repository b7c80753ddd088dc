import { AdminRecord } from '../../src/control/record/admin-record.js';
import { SignInLinks } from '../../src/control/sign-in/sign-in-links.js';
import { systemClock } from '../../src/kernel/clock.js';
import { IdentityProviderRepository } from '../../src/persistence/identity/identity-provider.repository.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { SignInLinkRepository } from '../../src/persistence/identity/sign-in-link.repository.js';
import { AdminRecordRepository } from '../../src/persistence/record/admin-record.repository.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { type Broker } from './broker.js';

/** What a page of ours sends with a change. */
export const FROM_OUR_PAGE = { 'sec-fetch-site': 'same-origin', 'x-doorwarden': '1' } as const;

/** Works on the state database of a broker, beside its processes. */
export async function atState<T>(
  { stateDatabaseUrl }: Pick<Broker, 'stateDatabaseUrl'>,
  work: (source: StateSource) => Promise<T>,
): Promise<T> {
  const source = await createStateSource(stateDatabaseUrl).initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

/** The path of a new one-time link. */
export async function makeLink(
  broker: Pick<Broker, 'stateDatabaseUrl'>,
  name: string,
  { anyAddress = false } = {},
): Promise<string> {
  return atState(broker, async (source) => {
    const principals = new PrincipalRepository(source);
    const links = new SignInLinks(
      principals,
      new SignInLinkRepository(source),
      new IdentityProviderRepository(source),
      new AdminRecord(new AdminRecordRepository(source)),
      systemClock,
    );
    const principal = await principals.findByName(name);
    if (principal === undefined) throw new Error(`There is no principal ${name}`);
    return links.make({ principal, anyAddress, by: 'command-line' });
  });
}

/** Signs a principal in by a link and gives the header `cookie` of its session. */
export async function signIn(
  broker: Pick<Broker, 'api' | 'stateDatabaseUrl'>,
  name: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(`${broker.api}${await makeLink(broker, name)}`, { redirect: 'manual', headers });
  const cookie = cookieIn(response, '__Host-doorwarden');
  if (response.status !== 303 || cookie === undefined) throw new Error(`Not signed in: ${await response.text()}`);
  return `__Host-doorwarden=${cookie}`;
}

/** The value that an answer sets a cookie to. */
export function cookieIn({ headers }: Response, name: string): string | undefined {
  const set = headers.getSetCookie().find((text) => text.startsWith(`${name}=`));
  return set?.slice(name.length + 1).split(';')[0];
}

export interface SessionCall {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the api as our page does in a browser that has the cookie. */
export async function callWith(
  api: string,
  cookie: string,
  path: string,
  { method = 'GET', body, headers = FROM_OUR_PAGE }: SessionCall = {},
): Promise<{ readonly status: number; readonly code: unknown; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(`${api}${path}`, {
    method,
    redirect: 'manual',
    headers: { cookie, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? undefined : JSON.parse(text);
  return {
    status: response.status,
    code: Reflect.get(Object(parsed), 'code'),
    body: parsed,
    headers: response.headers,
  };
}
