import { texts } from '../texts/en.js';

/** Three parts of base64url: a signed token. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What somebody has put into the field of the claims. */
export type PastedClaims = { readonly claims: Readonly<Record<string, unknown>> } | { readonly fault: string };

/** Whether the text is a token and not JSON: its signature must not stay. */
export function isToken(text: string): boolean {
  return TOKEN.test(withoutBearer(text));
}

/** The claims of a pasted token, laid out as JSON; its other parts are gone. Undefined: it cannot be read. */
export function claimsOfToken(text: string): string | undefined {
  const [, payload = ''] = withoutBearer(text).split('.');
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isObject(claims) ? JSON.stringify(claims, null, 2) : undefined;
  } catch {
    return undefined;
  }
}

/** The claims that the field has, if it has any. */
export function readClaims(text: string): PastedClaims {
  try {
    const claims: unknown = JSON.parse(text);
    return isObject(claims) ? { claims } : { fault: texts.trial.noObject };
  } catch {
    return { fault: texts.trial.noObject };
  }
}

function withoutBearer(text: string): string {
  return text.trim().replace(/^Bearer\s+/i, '');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
