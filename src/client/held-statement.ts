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

const HELD = /until (\d{4}-\d\d-\d\dT[\d:.]+Z) with approval ([0-9a-hjkmnp-tv-z]{26})\./;
/** Where drivers and mappers keep the error that another one is made of. */
const CAUSE_FIELDS = [
  'cause',
  'parent', // Sequelize
  'driverError', // TypeORM
  'nativeError', // Objection
  'meta', // Prisma
  'driverAdapterError', // Prisma, in `meta`
] as const;
const CAUSES_MAX = 16;
const WAIT_SECONDS = 10;

/**
 * What the broker says in an error of any driver or mapper, however deep; undefined: it is not the broker's.
 *
 * Only an error with a driver's mark counts: the number and the SQLSTATE that a server gave. Of that one the server's own text
 * does, where it stands apart: what a mapper makes of it may end in a value that somebody chose.
 */
export function statementRefusal(error: unknown): StatementRefusal | undefined {
  const marked = errorsIn(error).map(serverErrorIn);
  const texts = marked.map((each) => each?.text).filter((text) => text !== undefined);
  const told = texts.length > 0 ? texts : marked.map((each) => each?.message).filter((text) => text !== undefined);
  for (const text of told) {
    const refusal = refusalIn(text);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The error, and those that it is made of, however deep. */
function errorsIn(error: unknown): readonly object[] {
  const found: object[] = isObject(error) ? [error] : [];
  for (const at of found) {
    const causes = CAUSE_FIELDS.map((field): unknown => Reflect.get(at, field)).filter((cause) => isObject(cause));
    found.push(...causes.filter((cause) => !found.includes(cause)).slice(0, CAUSES_MAX - found.length));
  }
  return found;
}

/** What an error of a server says: its own text, or a message that somebody may have put something to. */
interface ServerError {
  readonly text?: string | undefined;
  readonly message?: string | undefined;
}

/** Undefined: no driver has marked it. */
function serverErrorIn(at: object): ServerError | undefined {
  const textIn = (...fields: readonly string[]): string | undefined =>
    fields.map((field): unknown => Reflect.get(at, field)).find((text) => typeof text === 'string');
  const [errno, code, kind]: readonly unknown[] = ['errno', 'code', 'kind'].map((field) => Reflect.get(at, field));
  // mysql, mysql2, mariadb, and mappers that copy their fields; mariadb 2 has `text`
  if (typeof errno === 'number' && textIn('sqlState') !== undefined) {
    return { text: textIn('sqlMessage', 'text'), message: textIn('message') };
  }
  // What Prisma's adapters make of a driver's error; of one that Prisma has no word for, the older ones have these fields only.
  if (textIn('originalCode') !== undefined) return { text: textIn('originalMessage') };
  if (kind === 'mysql' && typeof code === 'number' && textIn('state') !== undefined) return { text: textIn('message') };
  return undefined;
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
