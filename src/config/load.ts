import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** What a variable carries besides its rule; `.env.example` is made from it. */
export interface VariableMeta {
  /** One sentence: what it says, and in which unit. */
  readonly about: string;
  /** A secret may also come as a file: `NAME_FILE` names it. Its value never appears in an error. */
  readonly secret?: true;
  /** What holds when it is not set: for a default that is made from other variables, or for none. */
  readonly otherwise?: string;
}

declare module 'zod' {
  interface GlobalMeta extends Partial<VariableMeta> {}
}

export type Variables = Readonly<Record<string, z.ZodType>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment, as one text that an operator can act on. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The configuration has ${count}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads the variables of a schema from an environment. An empty value counts as not set. A secret may come as
 * `NAME_FILE`, the path of a file that holds it.
 * @throws ConfigError with all problems at once
 */
export function loadConfig<Shape extends Variables>(
  schema: z.ZodObject<Shape>,
  env: Environment,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const [name, variable] of Object.entries(schema.shape)) {
    const value = readVariable(name, variable, env, problems);
    if (value !== undefined) values[name] = value;
  }
  const named = new Set(problems.map(nameOf));
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const name = String(path[0]);
      if (!named.has(name)) problems.push(problemOf(name, name in values ? message : 'is missing', schema));
    }
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

/** What a schema's variable says about itself. Every variable has to say it. */
export function metaOf(name: string, variable: z.ZodType): VariableMeta {
  const meta = variable.meta();
  if (meta?.about === undefined) throw new Error(`The variable ${name} says nothing about itself.`);
  return { ...meta, about: meta.about };
}

function readVariable(name: string, variable: z.ZodType, env: Environment, problems: string[]): string | undefined {
  const value = env[name] === '' ? undefined : env[name];
  const path = env[`${name}_FILE`];
  if (path === undefined || path === '' || metaOf(name, variable).secret !== true) return value;
  if (value !== undefined) {
    problems.push(`${name}: is set twice, as ${name} and as ${name}_FILE.`);
    return undefined;
  }
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    problems.push(`${name}: the file that ${name}_FILE names cannot be read (${codeOf(error)}).`);
    return undefined;
  }
}

function problemOf(name: string, what: string, schema: z.ZodObject<Variables>): string {
  const variable = schema.shape[name];
  return variable === undefined ? `${name}: ${what}.` : `${name}: ${what}. ${metaOf(name, variable).about}`;
}

function nameOf(problem: string): string {
  return problem.slice(0, problem.indexOf(':'));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
