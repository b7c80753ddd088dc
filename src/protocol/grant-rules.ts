import type { ProtocolValue, Verifier } from '../domain/protocol-value.js';
import type { AccessWords } from './access-words.js';
import type { RequestPath } from './request-value.js';
import type { TargetTerms } from './target-rules.js';

/** The access that a grant gets, and where its sessions begin. */
export interface PlannedAccess {
  readonly access: readonly ProtocolValue[];
  readonly database: string | null;
}

/** What a client presents at a grant's endpoint. The secret is shown once; only the verifier is kept. */
export interface Credential {
  readonly secret: string;
  readonly verifier: Verifier;
}

/** Where an endpoint is, and whom it lets in. */
export interface EndpointPlace {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly database: string | null;
  /** PEM of the authority that signed the endpoint. */
  readonly ca: string;
}

/** A program that somebody has on the machine where the connection is used. */
export interface ClientProgram {
  /** As it is found on the PATH. */
  readonly name: string;
  readonly args: readonly string[];
}

/** A connection as clients of the protocol take it. Whatever has the secret in it is shown once. */
export interface ConnectionForms {
  /** One text that says all of it. */
  readonly dsn: string;
  /** Environment variables that ordinary clients and tools read. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that the forms name: name → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Environment variables that name the folder which the files were written into. */
  readonly folderEnv: readonly string[];
  /** Ordinary clients for a terminal, the usual one first. A name of a file in an argument stands for its path. */
  readonly programs: readonly ClientProgram[];
  /** By client or driver. */
  readonly clients: ProtocolValue;
}

/** How a protocol plans grants, and lets their clients in. */
export interface GrantRules {
  /** How access is asked for. */
  readonly words: AccessWords;
  /**
   * The access that was asked for, or what a grant gets that asks for none, within what the target allows.
   * @throws BrokerError `request_invalid` by `at`, `grant_access_missing`, `grant_privileges_over_limit`
   */
  plan(asked: readonly ProtocolValue[] | undefined, terms: TargetTerms, at: RequestPath): PlannedAccess;
  /** As much as one request may ask for within the terms, in rules of access as a grant carries them; none: unknown. */
  widest(terms: TargetTerms): readonly ProtocolValue[];
  /** What of an access none of the others has. */
  beyond(access: readonly ProtocolValue[], others: readonly (readonly ProtocolValue[])[]): readonly ProtocolValue[];
  /** A rule of access in words: `SELECT, UPDATE on shop.*`. */
  inWords(rule: ProtocolValue): string;
  newCredential(): Credential;
  /** What a secret is checked against that the broker has made: random, or derived from a key. */
  verifierOf(secret: string): Verifier;
  isSecretOf(verifier: Verifier, secret: string): boolean;
  connection(place: EndpointPlace, secret: string): ConnectionForms;
}
