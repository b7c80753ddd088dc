import type { BrokerError } from '../../../../kernel/errors.js';
import { COM_STMT_PREPARE } from '../../wire/commands.js';
import type { ErrPacket } from '../../wire/packets.js';
import type { RecordedOperation } from '../machine/operation.js';
import { errPacket } from '../answer/error-packets.js';
import { isKillsError } from '../session-ends.js';

/** Denied on a database, a table, a column, a routine, or altogether. */
const NOT_ALLOWED: ReadonlySet<number> = new Set([1044, 1142, 1143, 1227, 1370]);

/** What the client reads in place of an error that the target says because of the gateway; undefined for any other. */
export function answerInPlaceOf(
  error: ErrPacket | undefined,
  operation: RecordedOperation,
  why: BrokerError | undefined,
): Buffer | undefined {
  if (error === undefined) return undefined;
  const sequenceId = operation.requestSequenceId + 1;
  // The gateway had the statement killed; the client shall read why, not that something was interrupted.
  if (why !== undefined && isKillsError(error)) return errPacket(why.code, sequenceId, why.detail);
  return isUnlent(error, operation) ? errPacket('prepare_lends_nothing', sequenceId) : undefined;
}

/** The target wants a privilege to prepare what nothing is given for before it is approved. */
function isUnlent({ errno }: ErrPacket, { judgement, request }: RecordedOperation): boolean {
  const isPrepared = request.command === COM_STMT_PREPARE && judgement !== undefined && judgement.missing.length > 0;
  return isPrepared && NOT_ALLOWED.has(errno);
}
