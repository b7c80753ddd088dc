import type { z } from 'zod';
import type { ProtocolName, ProtocolValue } from '../domain/protocol-value.js';
import type { EntryType } from './entries/entries.js';
import type { BodyBytes } from './entries/entry-bytes.js';
import type { JsonWalker } from './entries/json-walker.js';
import type { RecordedReplay } from './replay/teller.js';

/** What a recording needs of the protocol of its target: how the bodies of its entries look and what they say. */
export interface RecordedProtocol {
  /** As `grant.opened.target.protocol` has it. */
  readonly name: ProtocolName;
  /** Whether a result answers the last operation of its session, or any that has no result yet. */
  readonly inFlight: 'one' | 'many';
  /** The names that operations have; absent: any. */
  readonly operationNames?: ReadonlySet<string>;
  /** A strict schema for each type of entry that has a body. A type that is not here has none. */
  readonly bodies: RecordedBodies;
  /**
   * True for the body of an operation or a result that its schema accepts, at a fraction of the schema's cost. False says
   * nothing: the schema decides then.
   */
  isUsualBody?(type: 'operation' | 'result', body: ProtocolValue): boolean;
  /**
   * Passes the bytes of such a body and makes nothing of them. It passes what `isUsualBody` takes, in the one form of JSON
   * that lines have. False says nothing.
   */
  passesUsualBody?(type: 'operation' | 'result', json: JsonWalker): boolean;
  /** How bodies of operations and results become bytes; without it they are made JSON as any other. */
  readonly bytes?: BodyBytes;
  /** How they are told to people; without it a replay shows envelopes alone. */
  readonly replay?: RecordedReplay;
}

export type RecordedBodies = { readonly [T in EntryType]?: z.ZodType<ProtocolValue | undefined> };

/** The protocols that this build can read the bodies of, by their names. */
export type RecordedProtocols = ReadonlyMap<ProtocolName, RecordedProtocol>;

/** For readers of envelopes alone. */
export const NO_PROTOCOLS: RecordedProtocols = new Map();

export function recordedProtocols(protocols: readonly RecordedProtocol[]): RecordedProtocols {
  return new Map(protocols.map((protocol) => [protocol.name, protocol]));
}
