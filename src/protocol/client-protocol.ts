import type { ProtocolValue } from '../domain/protocol-value.js';
import type { ProtocolOption, TypedOptions } from './access-words.js';
import type { ClientProgram } from './grant-rules.js';
import type { StatementSessions } from './statement-session.js';
import type { ToldProtocol } from './target-words.js';

/** How an operation is put to the policies from a command line. */
export interface TrialWords {
  /** What the text is: `SQL`. */
  readonly text: string;
  readonly options: readonly ProtocolOption[];
  /** What `POST /v1/policies/try` is told of the operation. */
  trialOf(text: string, typed: TypedOptions): ProtocolValue;
}

/**
 * What a connection of the protocol may have that is written, set and started where it is used. The address of the broker may
 * come from a file `.env` of the folder that a command runs in, so a connection gives addresses and secrets, and nothing that
 * decides what is loaded or run.
 */
export interface KnownForms {
  readonly variables: readonly string[];
  /** Variables that name the folder of the files. */
  readonly folderVariables: readonly string[];
  isFile(name: string, text: string): boolean;
  /** `files`: the names of those that are known. */
  isProgram(program: ClientProgram, files: ReadonlySet<string>): boolean;
}

/** Calls that the help of commands shows, and what it says of them. */
export interface CommandExamples {
  readonly run: readonly string[];
  readonly connect: readonly string[];
  readonly exec: readonly string[];
  /** How the operations of a text are told apart, in a sentence; absent: nothing runs one. */
  readonly execTold?: string;
  readonly policyTry: readonly string[];
  /** What the program of `doorwarden run` finds in its environment, in sentences. */
  readonly connectionTold: string;
}

/**
 * A protocol as the command line and the tools of agents know it: words and lists, so that a command loads nothing else of a
 * protocol until it uses it.
 */
export interface ClientProtocol extends ToldProtocol {
  readonly trial: TrialWords;
  readonly forms: KnownForms;
  readonly examples: CommandExamples;
  /** Loads what runs statements without a client; absent: nothing does. */
  readonly sessions?: () => Promise<StatementSessions>;
}
