import { setTimeout as delay } from 'node:timers/promises';
import { unreachable } from '../../../kernel/assert.js';
import type { ErrorCode } from '../../../kernel/errors/error-table.js';
import type { Kill } from '../sql/session/kill.js';
import { COM_QUERY } from '../wire/commands.js';
import { encodePackets } from '../wire/packet.js';
import { encodeOk } from '../wire/packets.js';
import { decodeResponse } from '../wire/response/result-decoder.js';
import { ResponseTracker } from '../wire/response/response-tracker.js';
import { operationOf, type SessionState } from './machine/session-state.js';
import type { OwnCommands } from './own/own-commands.js';
import { OwnStatementRefused } from './own/own-exchange.js';
import { errPacket } from './answer/error-packets.js';

/** The other sessions of the same grant, as one of them can reach them. */
export interface SessionPeers {
  /**
   * Ends the statement that the session runs or waits with, or the whole session. `id`: what the session was greeted
   * with, or the target's own. False when no session of the grant has it.
   */
  kill(id: number, what: Kill['what']): Promise<boolean>;
  /** The connection that runs the target's statement of this number; MariaDB alone numbers them. */
  threadOfQuery(id: number): Promise<number | undefined>;
}

/** What a KILL needs of the session that sent it. */
export interface KillSender {
  readonly thread: number;
  readonly capabilities: number;
  readonly peers: SessionPeers;
  readonly own: Pick<OwnCommands, 'run'>;
}

/**
 * Carries a KILL out among the sessions of one grant, whatever the target's own rights would allow; gives what the
 * client is told, undefined for OK.
 */
export async function carryOut({ what, id }: Kill, sender: KillSender): Promise<ErrorCode | undefined> {
  const thread = await threadOf(id, sender);
  if (thread === sender.thread && what === 'query') return 'statement_killed';
  const isKilled = thread !== undefined && (await sender.peers.kill(thread, what));
  return isKilled ? undefined : 'kill_unknown';
}

const LOOK_EVERY_MS = 5;
const LOOKS_MAX = 400;

/** A session whose statement another one ends. */
interface KilledSession {
  readonly state: () => SessionState;
  readonly atTarget: () => Promise<void>;
  readonly waiting: () => void;
}

/** Ends what the session does now; on its way it is met at the target or where it waits: the steps in between are short. */
export async function endStatement({ state, atTarget, waiting }: KilledSession): Promise<void> {
  const meant = operationOf(state())?.frame;
  if (meant === undefined) return;
  for (let looks = 0; looks < LOOKS_MAX && operationOf(state())?.frame === meant; looks += 1) {
    const { at } = state();
    if (at === 'answering') return atTarget();
    if (at === 'held' || at === 'entering') return waiting();
    await delay(LOOK_EVERY_MS);
  }
}

async function threadOf(id: Kill['id'], { thread, peers, own, capabilities }: KillSender): Promise<number | undefined> {
  switch (id.kind) {
    case 'connection':
      return id.id;
    case 'own':
      return thread;
    case 'query':
      return peers.threadOfQuery(id.id);
    case 'variable':
      return valueOf(await own.run(`SELECT CAST(${id.name} AS UNSIGNED)`).catch(ignoringRefusal), capabilities);
    default:
      return unreachable(id);
  }
}

function valueOf(response: Buffer | undefined, capabilities: number): number | undefined {
  if (response === undefined) return undefined;
  const [result] = decodeResponse(response, { capabilities, command: COM_QUERY }).results;
  const value = result?.kind === 'rows' ? result.rows[0]?.[0] : undefined;
  return typeof value === 'string' ? Number(value) : undefined;
}

/** Then nobody is killed. @throws everything else */
function ignoringRefusal(error: unknown): undefined {
  if (!(error instanceof OwnStatementRefused)) throw error;
}

/** An answer of the gateway's own to a command, with what a recording says of it. */
export function ownAnswer(
  { command, requestSequenceId }: { readonly command: number; readonly requestSequenceId: number },
  { code, capabilities, statusFlags }: OwnAnswer,
): { readonly bytes: Buffer; readonly tracker: ResponseTracker } {
  const tracker = new ResponseTracker(capabilities);
  tracker.begin(command, requestSequenceId);
  const ok = { affectedRows: 0, lastInsertId: 0, statusFlags, warnings: 0, info: '', sessionState: undefined };
  const bytes =
    code === undefined
      ? encodePackets((requestSequenceId + 1) & 0xff, encodeOk(ok, false))
      : errPacket(code, requestSequenceId + 1);
  tracker.push(bytes);
  return { bytes, tracker };
}

interface OwnAnswer {
  /** What was refused; undefined for OK. */
  readonly code: ErrorCode | undefined;
  readonly capabilities: number;
  readonly statusFlags: number;
}
