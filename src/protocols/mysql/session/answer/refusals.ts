import { CLOSE_ERROR } from '../../../../domain/grant.js';
import { brokerErrorOf } from '../../../../kernel/errors.js';
import type { ErrorCode } from '../../../../kernel/errors/error-table.js';
import type { Refused } from '../../../../gateway/gate-refusals.js';
import { errorInTargetsName } from '../../said-by-target.js';
import type { ErrPacket } from '../../wire/packets.js';
import { errorOf } from './error-packets.js';
import type { Refusal } from '../machine/session-state.js';
import type { SessionOptions } from '../session-options.js';

/** Why a statement does not run, as the gate says. */
export function refusalOf({ code, detail, rollsBack }: Refused): Refusal {
  return refusalFor(code, detail, rollsBack === true);
}

/** It cannot run: the target itself says why. */
export function refusalByTarget(error: ErrPacket): Refusal {
  return { error: errorInTargetsName(error), left: 'cancelled', rollsBack: false };
}

/** The same by a code of the broker. */
export function refusalFor(code: ErrorCode, detail?: string, rollsBack = false): Refusal {
  return { error: errorOf(code, detail), left: code === 'statement_killed' ? 'abandoned' : 'cancelled', rollsBack };
}

/** What a wait at the gate that failed comes to. */
export function refusalByFault(error: unknown): Refusal {
  const { code, detail } = brokerErrorOf(error);
  return refusalFor(code, detail, code === 'transaction_rolled_back');
}

/** Why nothing of a session goes to its target any more; undefined while it may. */
export function whyNothingIsForwarded({
  clock,
  deadlineMs,
  recorder,
}: Pick<SessionOptions, 'clock' | 'deadlineMs' | 'recorder'>): ErrorCode | undefined {
  if (clock.nowMs() >= deadlineMs) return CLOSE_ERROR.expired;
  return recorder.admits ? undefined : 'recording_unavailable';
}
