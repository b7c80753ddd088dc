import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';

/**
 * The cookie of a session. Its prefix binds it to this very host and to the whole of it: no other host, sibling or parent
 * can set it (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis, section 4.1.3.2).
 */
export const SESSION_COOKIE = '__Host-doorwarden';
/** The cookie by which a browser that began a sign-in is known again when it ends. */
export const PRE_COOKIE = '__Host-doorwarden-pre';

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const COOKIES_CHARACTERS_MAX = 16 * 1024;

/** The cookie's value; undefined when there is none, or when it came twice and nobody can say which one is meant. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  const { cookie = '' } = headers;
  if (cookie.length > COOKIES_CHARACTERS_MAX) return undefined;
  const values = cookie.split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}

/** Whether the request brings a cookie of that name at all. */
export function hasCookie({ headers }: Pick<IncomingMessage, 'headers'>, name: string): boolean {
  return (headers.cookie ?? '').split(';').some((pair) => pair.split('=', 1).join('').trim() === name);
}

/** Sets a cookie that lives as long as the browser's session, or for so many seconds. */
export function setCookie(response: Response, name: string, value: string, ageSeconds?: number): void {
  const age = ageSeconds === undefined ? '' : `; Max-Age=${ageSeconds}`;
  response.append('Set-Cookie', `${name}=${value}; ${ATTRIBUTES}${age}`);
}

/** Has the browser forget a cookie. */
export function dropCookie(response: Response, name: string): void {
  setCookie(response, name, '', 0);
}
