import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ApprovalEvent } from '../../contracts/approvals/approval.js';
import { ApprovalRepository, type Decided } from '../../persistence/approvals/approval.repository.js';
import { StandingAccess, type StreamCaller } from '../identity/standing-access.js';
import { type Caller, seesOwnOnly } from '../http/access.js';
import { ALIVE_TEXT, eventText, HEARTBEAT_MS } from '../http/event-text.js';
import { ApprovalFeed } from './approval-feed.js';
import { approvalSummaryOf } from './approval-view.js';
import type { Look } from './look.js';
import { ViewerLooks } from './viewer-looks.js';

/** Questions that the first event lists; anyone who has more of them pages through the list. */
const PENDING_MAX = 200;
/** Bytes that wait for a caller who does not read. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** Approvals whose last state is remembered for one caller. */
const SENT_MAX = 10_000;

/** What a caller was sent last of an approval. */
interface Sent {
  readonly revision: number;
  readonly isPending: boolean;
}

/**
 * Approvals as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): first all that wait,
 * then every change. Before anything is sent the caller is looked at again, and a stream ends with its key or session.
 */
@Injectable()
export class ApprovalStream {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly feed: ApprovalFeed,
    private readonly access: StandingAccess,
    private readonly looks: ViewerLooks,
  ) {}

  /** Returns when the caller has gone, may no longer see approvals, reads too slowly, or the api stops. */
  async serve(caller: Caller, request: Request, response: Response, gone: AbortSignal): Promise<void> {
    const stream: StreamCaller = { caller, request, permission: 'approval.read' };
    const listener = await this.feed.open({ id: caller.id, isAgent: seesOwnOnly(caller) });
    const held = this.access.hold(stream);
    const over = AbortSignal.any([gone, held.lost]);
    try {
      const pending = await this.#pending(caller);
      const look = await this.looks.of(caller);
      const sent = new Map<string, Sent>();
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      const items = pending.slice(0, PENDING_MAX).map((row) => approvalSummaryOf(row, look));
      response.write(eventText('pending', { items, more: pending.length > PENDING_MAX }));
      for (const row of pending) sent.set(row.id, sentOf(row));
      for (;;) {
        const rows = await listener.next(HEARTBEAT_MS, over);
        if (rows === undefined) return;
        const viewer = await this.access.callerNow(stream);
        if (viewer === undefined) return;
        const texts = rows.length === 0 ? [] : await this.#eventsOf(rows, viewer, sent);
        response.write(texts.length === 0 ? ALIVE_TEXT : texts.join(''));
        // Ended it would wait for its reader, with all that is unread.
        if (response.writableLength > UNREAD_BYTES_MAX) return void response.destroy();
      }
    } finally {
      held.close();
      listener.close();
      if (response.headersSent) response.end();
    }
  }

  #pending(caller: Caller): Promise<readonly Decided[]> {
    const principalId = seesOwnOnly(caller) ? caller.id : undefined;
    return this.approvals.list({ state: 'pending', principalId, limit: PENDING_MAX + 1 });
  }

  async #eventsOf(rows: readonly Decided[], viewer: Caller, sent: Map<string, Sent>): Promise<readonly string[]> {
    const look = await this.looks.of(viewer);
    const seen = seesOwnOnly(viewer) ? rows.filter(({ principalId }) => principalId === viewer.id) : rows;
    return seen.flatMap((row) => eventsOf(row, look, sent));
  }
}

function eventsOf(row: Decided, look: Look, sent: Map<string, Sent>): readonly string[] {
  const before = sent.get(row.id);
  if (before !== undefined && before.revision >= row.revision) return [];
  sent.delete(row.id); // so that the order is that of the last change
  sent.set(row.id, sentOf(row));
  const [oldest] = sent.keys();
  if (oldest !== undefined && sent.size > SENT_MAX) sent.delete(oldest);
  return [eventText(eventName(row, before), approvalSummaryOf(row, look))];
}

function sentOf({ revision, state }: Decided): Sent {
  return { revision, isPending: state === 'pending' };
}

function eventName({ kind, state, uses }: Decided, before: Sent | undefined): ApprovalEvent {
  if (state === 'pending') return before === undefined ? 'asked' : 'updated';
  if (state === 'timed-out' || state === 'cancelled' || state === 'withdrawn') return state;
  // An approved grant counts as used at once; an approval of a statement whose use is all that is new was decided before.
  const isNews = before === undefined ? uses === 0 || kind === 'grant' : before.isPending;
  return isNews ? 'decided' : 'updated';
}
