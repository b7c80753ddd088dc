import type { z } from 'zod';
import { type Environment, metaOf, type Variables } from './load.js';

/** A variable as an operator may read it: where its value comes from, and the value itself unless it is a secret. */
export interface Setting {
  readonly name: string;
  readonly about: string;
  readonly isSecret: boolean;
  /** Null: a secret, or nothing. */
  readonly value: string | null;
  readonly source: 'environment' | 'file' | 'default';
  /** What holds when nothing is set, where no value says it. */
  readonly otherwise: string | null;
}

/** The variables of a schema in its order, as this environment sets them. No secret is among the values. */
export function settingsIn(schema: z.ZodObject<Variables>, env: Environment): readonly Setting[] {
  return Object.entries(schema.shape).map(([name, variable]): Setting => {
    const { about, secret, otherwise } = metaOf(name, variable);
    const isSecret = secret === true;
    const given = textOf(env[name]);
    const isFile = isSecret && given === null && textOf(env[`${name}_FILE`]) !== null;
    return {
      name,
      about,
      isSecret,
      value: isSecret ? null : (given ?? textOf(defaultOf(variable))),
      source: isFile ? 'file' : given === null ? 'default' : 'environment',
      otherwise: otherwise ?? null,
    };
  });
}

/** The text that stands for a variable when the environment has none; empty where it has no default. */
export function defaultOf(variable: z.ZodType): string {
  const { def } = variable;
  if ('defaultValue' in def && typeof def.defaultValue === 'string') return def.defaultValue;
  return 'in' in def && isSchema(def.in) ? defaultOf(def.in) : '';
}

function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && 'def' in value && 'safeParse' in value;
}

/** An empty value counts as not set. */
function textOf(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
