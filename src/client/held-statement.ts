import type { ApprovalView } from '../contracts/approvals/approval.js';
import { refusalIn } from '../kernel/refusal-text.js';
import type { DoorwardenClient } from './doorwarden-client.js';

/** A statement that waits for people, while its client does not: its grant has `onHold: "error"`. */
export interface HeldStatement {
  /** The id of the approval. */
  readonly approval: string;
  /** Until when people are asked at most, ISO 8601. */
  readonly expiresAt: string;
}

/** What the broker told a driver instead of running a statement. */
export interface StatementRefusal {
  /** A code of docs/errors.md. */
  readonly code: string;
  /** What happened, why, and what to do. */
  readonly message: string;
}

/** People did not approve the statement, which has not run; the message says why, and what to do. */
export class StatementRefusedError extends Error {
  override readonly name = 'StatementRefusedError';
  readonly code: string;
  readonly approval: ApprovalView;

  constructor(message: string, code: string, approval: ApprovalView) {
    super(message);
    this.code = code;
    this.approval = approval;
  }
}

/** What drivers and what stands on them call the text of the server, and nothing else. */
const SERVER_TEXT_FIELDS = ['sqlMessage', 'originalMessage'] as const;
const HELD = /until (\d{4}-\d\d-\d\dT[\d:.]+Z) with approval ([0-9a-hjkmnp-tv-z]{26})\./;
/** Where drivers and mappers keep the error that another one is made of. */
const CAUSE_FIELDS = ['cause', 'meta', 'driverAdapterError'] as const;
const CAUSES_MAX = 16;
const DEPTH_MAX = 4;
const WAIT_SECONDS = 10;

/**
 * What the broker says in an error of any driver or mapper, however deep; undefined: it is not the broker's.
 *
 * Where an error has the server's own text apart, that alone counts: what a mapper makes of it may end in a value that
 * somebody chose. Where none has, the innermost message does.
 */
export function statementRefusal(error: unknown): StatementRefusal | undefined {
  const { serverTexts, innermost } = textsIn(error);
  for (const text of serverTexts.length > 0 ? serverTexts : innermost) {
    const refusal = refusalIn(text);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function textsIn(error: unknown): { readonly serverTexts: readonly string[]; readonly innermost: readonly string[] } {
  const serverTexts: string[] = [];
  const innermost: string[] = [];
  const causes: unknown[] = [error];
  for (const at of causes) {
    if (!isObject(at)) continue;
    serverTexts.push(...textsOf(at, SERVER_TEXT_FIELDS));
    const further = CAUSE_FIELDS.map((field): unknown => Reflect.get(at, field)).filter((cause) => isObject(cause));
    if (!further.some((cause) => hasText(cause))) innermost.push(...textsOf(at, ['message']));
    causes.push(...further.slice(0, CAUSES_MAX - causes.length));
  }
  return { serverTexts, innermost };
}

function textsOf(at: object, fields: readonly string[]): readonly string[] {
  return fields.map((field): unknown => Reflect.get(at, field)).filter((text) => typeof text === 'string');
}

/** Whether an error or anything below it says something; a cause may be an object of the mapper's that says nothing. */
function hasText(at: object, depth = DEPTH_MAX): boolean {
  if (textsOf(at, [...SERVER_TEXT_FIELDS, 'message']).length > 0) return true;
  const below = CAUSE_FIELDS.map((field): unknown => Reflect.get(at, field));
  return depth > 0 && below.some((cause) => isObject(cause) && hasText(cause, depth - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The hold that an error of a driver tells of; undefined: it tells of none. */
export function heldStatement(error: unknown): HeldStatement | undefined {
  const refusal = statementRefusal(error);
  if (refusal?.code !== 'statement_held') return undefined;
  const [, expiresAt, approval] = HELD.exec(refusal.message) ?? [];
  return expiresAt === undefined || approval === undefined ? undefined : { approval, expiresAt };
}

export interface ApprovalOptions {
  /** Told while people are asked: at once, at every change, and every 10 seconds while nothing changes. */
  readonly onProgress?: ((approval: ApprovalView) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until people have approved a statement; then the same statement runs when it is sent again.
 * @throws StatementRefusedError when it will not run, ApiFailure, or the reason of the signal
 */
export async function waitForApproval(
  client: DoorwardenClient,
  id: string,
  { onProgress, signal }: ApprovalOptions = {},
): Promise<ApprovalView> {
  let approval = await client.getApproval(id, { signal });
  while (approval.state === 'pending') {
    onProgress?.(approval);
    approval = await client.getApproval(id, {
      waitSeconds: WAIT_SECONDS,
      whileRevision: approval.revision,
      signal,
    });
  }
  if (approval.state === 'approved') return approval;
  const told = approval.told.find(({ isNow }) => isNow);
  const message = told?.text ?? `The approval ${id} is ${approval.state}, so the statement did not run.`;
  throw new StatementRefusedError(message, told?.code ?? `approval_${approval.state.replaceAll('-', '_')}`, approval);
}

/**
 * Sends a statement; where it is held, waits for people and sends it once more. `send` must send the same each time: the
 * same text, values and database, and in a transaction both times or neither time.
 * @throws what `send` throws, and what `waitForApproval` throws
 */
export async function sendApproved<T>(
  client: DoorwardenClient,
  send: () => Promise<T>,
  options: ApprovalOptions = {},
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const held = heldStatement(error);
    if (held === undefined) throw error;
    await waitForApproval(client, held.approval, options);
  }
  return send();
}
