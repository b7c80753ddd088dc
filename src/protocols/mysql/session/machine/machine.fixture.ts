import { Frame } from '../../wire/frame-decoder.js';
import { newApprovalId } from '../../../../domain/ids.js';
import { encodePackets } from '../../wire/packet.js';
import { type COM_INIT_DB, COM_PING, COM_QUERY } from '../../wire/commands.js';
import { analyse } from '../../sql/analyse.js';
import { dialectOf } from '../../sql/text/dialect.js';
import type { ApprovalReport } from '../../../../gateway/ports.js';
import type { CommandEntry } from '../../recorded/bodies.js';
import type { SessionWindow } from '../../held/session-door.js';
import type { Judgement } from '../../judge/judgement.js';
import { errorOf } from '../answer/error-packets.js';
import type { RecordedOperation, StatementOperation, StatementToJudge } from './operation.js';
import type { Refusal, StatementAdmission } from './session-state.js';

/** What the machine is fed with in its tests; it never looks inside most of it. */

const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.6', sqlMode: '' });
const scene = {
  database: 'shop',
  dialect,
  inTransaction: false,
  locksReads: false,
  characterSet: 'utf8mb4',
  narrowedTo: null,
};
const TEXT = 'DELETE FROM orders WHERE id = 1';

const COMMAND_ENTRY: CommandEntry = { type: 'note', session: 1, name: 'COM_PING' };

function frameOf(command: number, argument: string): Frame {
  const wire = encodePackets(0, Buffer.concat([Buffer.from([command]), Buffer.from(argument)]));
  return new Frame(wire, 0, wire.length, 0);
}

export function statementToJudge(): StatementToJudge {
  const bytes = Buffer.from(TEXT);
  const judged = { command: 'COM_QUERY', bytes, analysed: bytes, text: TEXT, values: undefined, scene } as const;
  return {
    frame: frameOf(COM_QUERY, TEXT),
    request: { kind: 'statement', command: COM_QUERY, judged, executed: undefined },
    requestSequenceId: 0,
    startedUs: 0,
  };
}

export const JUDGEMENT: Judgement = {
  verdict: 'hold',
  policies: ['held'],
  hold: null,
  why: '',
  ...analyse(Buffer.from(TEXT), dialect, 'shop'),
  missing: [],
  outside: [],
  effect: undefined,
  policyVersion: 'x',
  refusal: 'statement_denied',
};

export function statementOf(statement: number): StatementOperation {
  return { ...statementToJudge(), statement, judgement: JUDGEMENT };
}

/** An entry, another one each time: the machine passes it on. */
export function entryOf(): CommandEntry {
  return { ...COMMAND_ENTRY };
}

export function commandOf(command: typeof COM_PING | typeof COM_INIT_DB): RecordedOperation {
  return {
    frame: frameOf(command, command === COM_PING ? '' : 'shop'),
    request: { kind: 'command', command, entry: COMMAND_ENTRY, effect: undefined, prepared: undefined },
    requestSequenceId: 0,
    startedUs: 0,
    statement: undefined,
    judgement: undefined,
  };
}

/** A window that gave nothing; each is another one. */
export function windowOf(): SessionWindow {
  return { given: [], databases: [], close: () => Promise.resolve() };
}

export function admissionOf(): StatementAdmission {
  return { kind: 'forward', approval: undefined, window: windowOf(), scope: null };
}

export function questionOf(): ApprovalReport {
  return {
    id: newApprovalId(),
    state: 'pending',
    again: false,
    decisions: [],
    withdrawals: [],
    scope: null,
    expiresAtMs: 0,
  };
}

export const REFUSAL: Refusal = {
  error: errorOf('statement_denied', undefined),
  left: 'cancelled',
  rollsBack: false,
};
