import { isIP } from 'node:net';
import { z } from 'zod';
import type { VariableMeta } from './load.js';

/** Kinds of variables: environments hold text, so each reads text and says in words what it wants. */

const PORT_MAX = 65_535;

/** A whole number within limits; the unit is in the variable's name. */
export function wholeNumber(min: number, max: number, byDefault: number, meta: VariableMeta) {
  return z
    .string()
    .default(String(byDefault))
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .meta({ ...meta });
}

/** A TCP port to listen on; 0 lets the system choose one. */
export function port(byDefault: number, about: string) {
  return wholeNumber(0, PORT_MAX, byDefault, { about });
}

/** One word of a list. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  byDefault: NoInfer<Words[number]>,
  meta: VariableMeta,
) {
  return z
    .string()
    .default(byDefault)
    .pipe(z.enum(words, { error: `must be one of ${words.join(', ')}` }))
    .meta({ ...meta });
}

/** Free text that is not empty. */
export function text(byDefault: string, about: string) {
  return z.string().default(byDefault).meta({ about });
}

/** A URL of the given schemes. The value may hold a password, so it is a secret, and no message shows any of it. */
export function secretUrl(
  schemes: readonly string[],
  { about, path }: { readonly about: string; readonly path?: UrlPath },
) {
  return z
    .string()
    .superRefine((value, context) => {
      const message = urlFault(value, schemes, path);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta({ about, secret: true });
}

/** As {@link secretUrl}, for one that need not be set: `otherwise` says what holds then. */
export function optionalSecretUrl(schemes: readonly string[], meta: Omit<VariableMeta, 'secret'>) {
  return secretUrl(schemes, meta)
    .optional()
    .meta({ ...meta, secret: true });
}

/** Ids of keys, which are RFC 7638 thumbprints, with commas between. */
export function keyIds(about: string) {
  return z
    .string()
    .default('')
    .refine((value) => /^[\w-]*(, ?[\w-]+)*$/.test(value), { error: 'must be ids of keys with commas between' })
    .transform((value): readonly string[] => value.split(/, ?/).filter((id) => id !== ''))
    .meta({ about });
}

/** A secret that has a fallback, which `otherwise` names. */
export function optionalSecret(meta: Omit<VariableMeta, 'secret'>) {
  return z
    .string()
    .optional()
    .meta({ ...meta, secret: true });
}

/** Scheme, host and port of an address of the web, or null when it is not set. */
export function httpOrigin(meta: VariableMeta) {
  return z
    .string()
    .default('')
    .transform((value, context): string | null => {
      if (value === '') return null;
      const message = originFault(value);
      if (message === undefined) return new URL(value).origin;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta({ ...meta });
}

/** Origins (`https://app.example.com`), with commas between. */
export function origins(about: string) {
  return z
    .string()
    .default('')
    .transform((value, context): readonly string[] =>
      value.split(',').flatMap((part) => {
        const text = part.trim();
        if (text === '') return [];
        const fault = originFault(text);
        if (fault === undefined) return [new URL(text).origin];
        context.addIssue({ code: 'custom', message: `has "${text.slice(0, 60)}": each ${fault}` });
        return [];
      }),
    )
    .meta({ about });
}

/** Addresses (`10.0.0.5`) and networks (`10.0.0.0/8`), with commas between. All of the internet is none of them. */
export function addresses(about: string) {
  return z
    .string()
    .default('')
    .transform((value): readonly string[] =>
      value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])),
    )
    .superRefine((parts, context) => {
      const wrong = parts.find((part) => !isNetwork(part));
      if (wrong === undefined) return;
      context.addIssue({
        code: 'custom',
        message: `has "${wrong.slice(0, 60)}", which is no address and no network such as 10.0.0.0/8`,
      });
    })
    .meta({ about });
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `first-last`, both included. */
export function portRange(byDefault: string, about: string) {
  return z
    .string()
    .default(byDefault)
    .transform((value, context): PortRange => {
      const found = /^(\d{1,5})-(\d{1,5})$/.exec(value);
      const [first, last] = [Number(found?.[1]), Number(found?.[2])];
      if (first >= 1 && last <= PORT_MAX && first <= last) return { first, last };
      context.addIssue({ code: 'custom', message: 'must be two ports with a dash between, such as 33100-33999' });
      return z.NEVER;
    })
    .meta({ about });
}

/** What the path of a URL names, where it has to name something. */
export type UrlPath = 'a database';

const ESCAPES = 'in a user name or password the characters @ : / ? # and % are written as %40 %3A %2F %3F %23 and %25';

function urlFault(value: string, schemes: readonly string[], path: UrlPath | undefined): string | undefined {
  if (!schemes.some((scheme) => value.startsWith(scheme)))
    return `must be a URL that begins with ${schemes.join(' or ')}`;
  if (!URL.canParse(value)) return `is no URL as it stands; ${ESCAPES}`;
  const url = new URL(value);
  if (url.hostname === '') return 'names no host';
  // What stands after an unescaped / ? or # of a password is taken for a path, a query or a fragment.
  const behind = value.slice(value.indexOf('://') + 3).replace(/^[^/?#]*/, '');
  if (behind.includes('@') || url.hash !== '') return `cannot be read for certain; ${ESCAPES}`;
  const parts = [url.username, url.password, url.pathname.slice(1)];
  if (!parts.every(isDecodable)) return `has a % that stands for nothing; ${ESCAPES}`;
  if (path === undefined) return undefined;
  if (url.pathname.length < 2) return `names no database; it ends with /NAME`;
  return /^\/[^/]+$/.test(url.pathname) ? undefined : `names no database that can be; ${ESCAPES}`;
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function originFault(value: string): string | undefined {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return 'must be a URL that begins with https:// or http://';
  const { username, password, pathname, search, hash, hostname } = new URL(value);
  if (hostname === '') return 'names no host';
  if (username !== '' || password !== '') return 'must not have a user name or a password in it';
  const isBare = pathname === '/' && search === '' && hash === '';
  return isBare ? undefined : 'must be a scheme, a host and a port alone, without a path';
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}
