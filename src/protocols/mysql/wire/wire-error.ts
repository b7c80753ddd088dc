import { BrokerError } from '../../../kernel/errors.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';

/** The codes that a codec may refuse bytes with: which one depends on whose bytes they are and when they came. */
export type WireErrorCode = Extract<
  ErrorCode,
  | 'packet_malformed'
  | 'packets_out_of_order'
  | 'payload_too_large'
  | 'handshake_invalid'
  | 'command_refused'
  | 'target_protocol_violation'
>;

/** Bytes that a peer sent and the protocol does not allow. `detail` says what was wrong, never what the bytes were. */
export function wireError(code: WireErrorCode, detail: string): BrokerError {
  return new BrokerError(code, { detail });
}

/** What a target sent and its protocol does not allow: nobody knows any longer which bytes belong to what. */
export function violation(detail: string): BrokerError {
  return wireError('target_protocol_violation', detail);
}
