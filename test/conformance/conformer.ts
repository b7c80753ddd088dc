import { z } from 'zod';

/** Of the connection of a grant what all protocols have. */
export const connectionSchema = z.looseObject({
  host: z.string(),
  port: z.int(),
  username: z.string(),
  password: z.string(),
  database: z.string().nullish(),
  tls: z.object({ ca: z.string() }),
});
export type GrantConnection = z.infer<typeof connectionSchema>;

/**
 * What the conformance suite must be told of a protocol. The suite does the rest: a broker of real processes, a tripwire
 * before the target, people who decide, kills, and the recording.
 */
export interface Conformer {
  /** What the tests are named after. */
  readonly name: string;
  /** Starts a target of the suite's own, or makes itself at home on a shared server. Called once. */
  start(): Promise<ConformanceTarget>;
}

/** A real target of the protocol. */
export interface ConformanceTarget {
  readonly host: string;
  readonly port: number;
  /** The fields of its registration besides its name, its host and its port. */
  readonly registration: Readonly<Record<string, unknown>>;
  /** What grants of the suite ask for, so that all the operations below are within it. */
  readonly access: readonly object[];
  readonly operations: ConformanceOperations;
  /** What the gateway sends to the target, on connections of its own, to make what a grant logs in with. */
  readonly making: RegExp;
  /** What it sends to take that away in the end. */
  readonly ending: RegExp;
  /** Logs in with an ordinary client, as the connection says. Rejects when it is refused. */
  connect(connection: GrantConnection): Promise<ConformanceClient>;
  /** Of the marks of risky operations those that took effect, each as often as it did. Looks past the broker. */
  arrived(): Promise<readonly string[]>;
  /** Whether anything of this account is left: itself, its connections, what it holds open. Looks past the broker. */
  stands(account: string): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Operations as clients write them. Each holds its mark, so that it is found on the wire, in the recording and at the
 * target; marks are lower case letters, digits and hyphens. Under the protocol's default policies:
 */
export interface ConformanceOperations {
  /** Runs at once, and answers with its mark. */
  harmless(mark: string): string;
  /** Waits for a person, and leaves its mark at the target when it runs. */
  risky(mark: string): string;
  /** Never runs. */
  denied(mark: string): string;
  /** Waits for a person, and then runs for half a minute unless it is cut off. */
  lasting(mark: string): string;
  /** How the bytes look that carry an operation to the target; a rehearsal or a preview of it looks otherwise. */
  onTheWire(operation: string): string;
}

/** What a client got for an operation: the answer, or in words why there is none. */
export type Outcome =
  | { readonly answer: string; readonly refusal?: undefined }
  | { readonly answer?: undefined; readonly refusal: string };

/** One session of an ordinary client. */
export interface ConformanceClient {
  /** Runs one operation and never rejects: a connection that was cut off is a refusal too. */
  run(operation: string): Promise<Outcome>;
  /** Resolves when the connection is gone, however it ended. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}
