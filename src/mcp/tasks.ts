import {
  CLIENT_CAPABILITIES_META_KEY,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ApiFailure } from '../client/api-failure.js';
import type { ApprovalView } from '../contracts/approvals/approval.js';
import { idSchema } from '../contracts/page.js';
import { grantAnswer, seenGrant, type SeenGrant, waitingText } from './grant-answer.js';
import { toldApproval, waitsForText } from './told-approval.js';
import { resultOf, type ToolCall } from './tool.js';
import { decisionAnswer } from './tools/wait-for-statement.js';

/** https://modelcontextprotocol.github.io/ext-tasks/specification/2026-07-28/tasks.html */
export const TASKS = 'io.modelcontextprotocol/tasks';

const POLL_MS = 5_000;
const TASK_ID = /^(?<of>access|statement)-(?<id>[0-9a-z]{26})$/;

/** Where a task stands, as `tasks/get` answers. It is read from the broker each time, and kept nowhere else. */
export interface ToldTask {
  readonly [field: string]: unknown;
  /** Says what the task waits for and which one: the API shows it to the one who asked, and to no other agent. */
  readonly taskId: string;
  readonly status: 'working' | 'completed' | 'cancelled';
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  /** Of a completed one: what the call of the tool would have answered. */
  readonly result?: unknown;
}

const declaration = z.looseObject({
  [CLIENT_CAPABILITIES_META_KEY]: z.looseObject({ extensions: z.looseObject({ [TASKS]: z.looseObject({}) }) }),
});

/** Whether the request says that its client takes a task for an answer; a client of the older revision never does. */
export function takesTasks({ mcpReq }: ServerContext): boolean {
  return declaration.safeParse(mcpReq.envelope).success;
}

/** A grant that is asked for, as a task: it is completed when the grant is open or refused. */
export function taskOfGrant(seen: SeenGrant, call: ToolCall): ToldTask {
  const { grant, waitsFor } = seen;
  const { id, state, requestedAt, activeAt, closingAt, sealedAt, deadline, closeReason } = grant;
  const expiresAt = waitsFor?.expiresAt ?? deadline;
  const common = {
    taskId: `access-${id}`,
    createdAt: requestedAt,
    lastUpdatedAt: sealedAt ?? closingAt ?? activeAt ?? requestedAt,
    ttlMs: Math.max(Date.parse(expiresAt) - Date.parse(requestedAt), 0),
    pollIntervalMs: POLL_MS,
  };
  if (state === 'requested') return { ...common, status: 'working', statusMessage: waitingText(seen) };
  if (activeAt === null && closeReason === 'completed') return { ...common, status: 'cancelled' };
  return { ...common, status: 'completed', result: resultOf(grantAnswer(seen, call)) };
}

/** The decision on a statement, as a task: it is completed when people have decided, or their time is over. */
export function taskOfStatement(approval: ApprovalView, call: ToolCall): ToldTask {
  const { id, state, askedAt, expiresAt, settledAt } = approval;
  const common = {
    taskId: `statement-${id}`,
    createdAt: askedAt,
    lastUpdatedAt: settledAt ?? askedAt,
    ttlMs: Math.max(Date.parse(expiresAt) - Date.parse(askedAt), 0),
    pollIntervalMs: POLL_MS,
  };
  if (state === 'pending') {
    const statusMessage = `Waits for ${waitsForText(toldApproval(approval, call.parts.pageOf))}.`;
    return { ...common, status: 'working', statusMessage };
  }
  return { ...common, status: 'completed', result: resultOf(decisionAnswer(approval, call)) };
}

const taskParams = z.looseObject({ taskId: z.string().max(100) });

/** What a task is asked with: a call, made for each request as for a tool. */
export type TaskCallMaker = (context: ServerContext) => Promise<ToolCall>;

/**
 * `tasks/get`, `tasks/update` and `tasks/cancel`. Cancelling the task of a grant that is asked for closes it; that of a
 * statement ends the waiting alone, and people may still decide. No task asks for input, so an update changes nothing.
 */
export function registerTasks({ server }: McpServer, callFor: TaskCallMaker): void {
  server.setRequestHandler('tasks/get', { params: taskParams }, async ({ taskId }, context) =>
    foundTask(taskId, context, callFor),
  );
  server.setRequestHandler('tasks/update', { params: taskParams }, async ({ taskId }, context) => {
    await foundTask(taskId, context, callFor);
    return {};
  });
  server.setRequestHandler('tasks/cancel', { params: taskParams }, async ({ taskId }, context) => {
    const { status } = await foundTask(taskId, context, callFor);
    const { of, id } = partsOf(taskId);
    if (of === 'access' && status === 'working') {
      const { broker, signal } = await callFor(context);
      await broker.closeGrant(id, { signal });
    }
    return {};
  });
}

async function foundTask(taskId: string, context: ServerContext, callFor: TaskCallMaker): Promise<ToldTask> {
  if (!takesTasks(context)) {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS]: {} } } });
  }
  const { of, id } = partsOf(taskId);
  const call = await callFor(context);
  const { broker, signal } = call;
  try {
    if (of === 'access') return taskOfGrant(await seenGrant(await broker.getGrant(id, { signal }), call), call);
    const approval = await broker.getApproval(id, { signal });
    if (approval.kind !== 'statement') throw notFound();
    return taskOfStatement(approval, call);
  } catch (error) {
    const isUnknown =
      error instanceof ApiFailure && (error.code === 'grant_not_found' || error.code === 'approval_not_found');
    throw isUnknown ? notFound() : error;
  }
}

/** @throws ProtocolError for what is no id of a task */
function partsOf(taskId: string): { readonly of: string; readonly id: string } {
  const { of, id } = TASK_ID.exec(taskId)?.groups ?? {};
  const parsed = idSchema.safeParse(id);
  if (of === undefined || !parsed.success) throw notFound();
  return { of, id: parsed.data };
}

function notFound(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no such task.');
}
