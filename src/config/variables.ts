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

/** A URL with a host, of the given schemes. The value may hold a password, so it is a secret. */
export function secretUrl(schemes: readonly string[], about: string) {
  return z
    .string()
    .refine((value) => isUrlOf(value, schemes), { error: `must be a URL that begins with ${schemes.join(' or ')}` })
    .meta({ about, secret: true });
}

/** A secret that has a fallback, which `otherwise` names. */
export function optionalSecret(meta: Omit<VariableMeta, 'secret'>) {
  return z
    .string()
    .optional()
    .meta({ ...meta, secret: true });
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

function isUrlOf(value: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return schemes.includes(`${url.protocol}//`) && url.hostname !== '';
}
