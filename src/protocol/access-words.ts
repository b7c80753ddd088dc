import type { ProtocolValue } from '../domain/protocol-value.js';

/** An option of the command line that one protocol has. */
export interface ProtocolOption {
  /** As they stand in the help: `--read <table...>`, `--in-transaction`. */
  readonly flags: string;
  readonly about: string;
}

/** What an option is called where it was typed: `inTransaction` for `--in-transaction`. */
export function nameOfOption({ flags }: ProtocolOption): string {
  const [, name = ''] = /^--([a-z][a-z-]*)/.exec(flags) ?? [];
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What was typed for such options, by their names in camel case; absent: nothing was. */
export type TypedOptions = Readonly<Record<string, unknown>>;

/** How access is asked for in words. Protocols that share it give the same object. */
export interface AccessWords {
  readonly options: readonly ProtocolOption[];
  /** Rules of access as the API takes them, for messages: `[{"database":"shop","privileges":["SELECT"]}]`. */
  readonly example: string;
  /** What a rule has, and what a grant gets that asks for none, in sentences for programs that ask. */
  readonly told: string;
  /** Whether what was typed leaves open where: the target says then where its grants begin. */
  needsPlace(typed: TypedOptions): boolean;
  /** What to do where the target does not say it either, in a sentence. */
  readonly placeMissing: string;
  /** The rules for what was typed; none: nothing was typed. `place`: where grants on the target begin. */
  rulesOf(typed: TypedOptions, place: string | null): readonly ProtocolValue[];
  /** What to do about more rules than a grant may have, in a sentence. */
  readonly tooMany: string;
}

/** The words of several protocols, each once. */
export function differentWords(words: readonly AccessWords[]): readonly AccessWords[] {
  return [...new Set(words)];
}
