import { ON_HOLD } from '../../../domain/grant.js';
import { nameOfOption } from '../../../protocol/access-words.js';
import type { ClientProtocol } from '../../../protocol/client-protocol.js';
import { CLIENT_PROTOCOLS } from '../../client-protocols.js';
import { accessRulesIn, GRANT_DEFAULTS, ttlSecondsIn } from './grant-options.js';
import type { RunOptions } from './run-work.js';

/** What `doorwarden run` is told. */
export interface RunCall {
  readonly options: RunOptions;
  /** The program and its arguments. */
  readonly program: readonly string[];
}

/** Options with one value. */
const SINGLE = ['target', 'task', 'reference', 'access', 'ttl', 'on-hold', 'api', 'profile'] as const;
/** Options of protocols that are read here: those with one or more values, `--read <table...>`. */
const SEVERAL = /^--(?<name>[a-z][a-z-]*) <[^>]+\.\.\.>$/;

/** What was typed, before anything of it is understood. */
interface TypedWords {
  /** The options of protocols by how they are typed, with what they are called then. */
  readonly known: ReadonlyMap<string, string>;
  readonly single: Map<string, string>;
  readonly several: Map<string, readonly string[]>;
  isJson: boolean;
}

/**
 * Reads `run` as it is mostly written: `--name value` each once, then `--` and the program. The whole command line with its
 * parser takes longer to load than this command to do all else. Undefined for what is written in another way, or is wrong:
 * that is for the parser, by whose description of the options this does the same (plain-run-call.test.ts).
 */
export function plainRunCall(
  words: readonly string[],
  protocols: readonly ClientProtocol[] = CLIENT_PROTOCOLS,
): RunCall | undefined {
  const end = words.indexOf('--');
  const program = words.slice(end + 1);
  const typed = end === -1 || program.length === 0 ? undefined : typedIn(words.slice(0, end), knownOf(protocols));
  const options = typed && optionsOf(typed);
  return options && { options, program };
}

function knownOf(protocols: readonly ClientProtocol[]): ReadonlyMap<string, string> {
  const options = protocols.flatMap(({ access }) => access.options);
  return new Map(
    options.flatMap((option) => {
      const typed = SEVERAL.exec(option.flags)?.groups?.['name'];
      return typed === undefined ? [] : [[typed, nameOfOption(option)] as const];
    }),
  );
}

function typedIn(words: readonly string[], known: TypedWords['known']): TypedWords | undefined {
  const typed: TypedWords = { known, single: new Map(), several: new Map(), isJson: false };
  for (let at = 0; at < words.length;) {
    const [name, ...values] = groupAt(words, at);
    if (name === undefined || !isTaken(typed, name, values)) return undefined;
    at += 1 + values.length;
  }
  return typed;
}

/** The name of an option, and the values up to the next one. */
function groupAt(words: readonly string[], at: number): readonly string[] {
  const word = words[at] ?? '';
  if (!word.startsWith('--')) return [];
  const next = words.findIndex((one, index) => index > at && one.startsWith('-'));
  return [word.slice(2), ...words.slice(at + 1, next === -1 ? undefined : next)];
}

function isTaken(typed: TypedWords, name: string, values: readonly string[]): boolean {
  const [value] = values;
  const several = typed.known.get(name);
  if (typed.single.has(name) || (several !== undefined && typed.several.has(several))) return false;
  if (name === 'json') {
    typed.isJson = true;
    return value === undefined;
  }
  if (value === undefined) return false;
  if (several !== undefined) typed.several.set(several, values);
  else if (SINGLE.some((one) => one === name) && values.length === 1) typed.single.set(name, value);
  else return false;
  return true;
}

function optionsOf({ single, several, isJson }: TypedWords): RunOptions | undefined {
  const [target, task] = [single.get('target'), single.get('task')];
  const ttl = ttlSecondsIn(single.get('ttl') ?? GRANT_DEFAULTS.ttl);
  const onHold = ON_HOLD.find((one) => one === (single.get('on-hold') ?? GRANT_DEFAULTS.onHold));
  const typedAccess = single.get('access');
  const access = typedAccess === undefined ? undefined : accessRulesIn(typedAccess);
  if (target === undefined || task === undefined || ttl === undefined || onHold === undefined) return undefined;
  if (typedAccess !== undefined && (access === undefined || several.size > 0)) return undefined;
  return {
    target,
    task,
    ttl,
    onHold,
    ...(access === undefined ? {} : { access }),
    ...(isJson ? { json: true } : {}),
    ...given(single, 'reference', 'api', 'profile'),
    ...Object.fromEntries(several),
  };
}

function given<Value, Name extends string>(
  typed: ReadonlyMap<string, Value>,
  ...names: readonly Name[]
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = typed.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
