import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { once } from 'node:events';
import type { Request, Response } from 'express';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { EntryTeller } from '../../recording/look/told-entries.js';
import { readEntries } from '../../recording/verify/reader.js';
import { type Caller } from '../http/access.js';
import { STREAMS_OF_ONE_MAX } from '../http/caller-limits.js';
import { ALIVE_TEXT, eventText, HEARTBEAT_MS } from '../http/event-text.js';
import { problemOf } from '../http/problem.filter.js';
import { requestIdOf } from '../http/request-id.js';
import { StandingAccess, type StreamCaller } from '../identity/standing-access.js';
import { GrowthWatch } from './growth-watch.js';
import { RecordingEntries } from './recording-entries.js';
import { RecordingReader } from './recording-reader.js';
import { RecordingViews } from './recording-views.js';

/** One who has not read what was sent for so long is cut. */
const UNREAD_MS_MAX = 10_000;
const STREAMS_MAX = 200;
const ENTRIES_AT_ONCE = 200;

export interface FollowedRecording {
  readonly grant: GrantRow;
  /** The last entry that the caller has. */
  readonly after: number;
  readonly request: Request;
  readonly response: Response;
  readonly gone: AbortSignal;
}

/** What one follower was sent last. */
interface Follower {
  readonly stream: StreamCaller;
  readonly response: Response;
  /** Aborted when the caller has gone, may no longer read recordings, or the api stops. */
  readonly over: AbortSignal;
  grant: GrantRow;
  seq: number;
  state: GrantRow['state'] | undefined;
  teller: EntryTeller | undefined;
}

/**
 * Recordings as server-sent events while they go on: every entry once it is written, up to the seal. No more is read than
 * the caller has taken, so that one who reads slowly holds up nobody but themselves.
 */
@Injectable()
export class RecordingStream implements OnModuleDestroy {
  readonly #stopped = new AbortController();
  readonly #followers = new Set<Follower>();

  constructor(
    private readonly reader: RecordingReader,
    private readonly views: RecordingViews,
    private readonly entries: RecordingEntries,
    private readonly access: StandingAccess,
    private readonly growth: GrowthWatch,
  ) {}

  /** Before the server waits for its requests to end. */
  onModuleDestroy(): void {
    this.#stopped.abort();
  }

  /** Returns when there is nothing more to send. @throws BrokerError `watchers_over_limit` */
  async serve(caller: Caller, { grant, after, request, response, gone }: FollowedRecording): Promise<void> {
    this.#requireRoom(caller);
    const stream: StreamCaller = { caller, request, permission: 'recording.read' };
    const held = this.access.hold(stream);
    const over = AbortSignal.any([gone, held.lost, this.#stopped.signal]);
    const follower: Follower = { stream, response, over, grant, seq: after, state: undefined, teller: undefined };
    this.#followers.add(follower);
    try {
      // What cannot be read at all is answered as other calls answer it.
      const first = await this.#read(follower);
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
      await this.#follow(follower, first);
    } catch (error) {
      if (!(error instanceof BrokerError) || !response.headersSent) throw error;
      const problem = problemOf(error, request.originalUrl.split('?', 1).join(''), requestIdOf(request));
      response.write(eventText('failed', problem));
    } finally {
      held.close();
      this.#followers.delete(follower);
      if (response.headersSent) response.end();
    }
  }

  async #follow(follower: Follower, first: NewEntries): Promise<void> {
    for (let read = first; ;) {
      if (follower.over.aborted || (await this.access.callerNow(follower.stream)) === undefined) return;
      const texts = [...(await this.#stateTexts(follower)), ...read.texts];
      if (texts.length > 0 && !(await send(follower, texts.join('')))) return;
      if (read.isSealed && !read.more) {
        await send(follower, await this.#stateText(follower, 'sealed'));
        return;
      }
      if (!read.more) await this.#untilNews(follower);
      if (follower.over.aborted) return;
      read = await this.#read(follower);
    }
  }

  /** Waits until there is more to read or the grant has another state; meanwhile the connection is kept alive. */
  async #untilNews(follower: Follower): Promise<void> {
    while (!follower.over.aborted) {
      const news = await this.growth.next(follower.grant, { waitMs: HEARTBEAT_MS, gone: follower.over });
      if (news) return;
      if (!(await send(follower, ALIVE_TEXT))) return;
    }
  }

  /** What was written since. The grant is looked at first: what was written before it was sealed is read before the end. */
  async #read(follower: Follower): Promise<NewEntries> {
    follower.grant = await this.reader.find(follower.grant.id);
    return this.reader.read(follower.grant, async ({ lines }, isSealed) => {
      const { entries, more } = await readEntries(lines, { afterSeq: follower.seq, limit: ENTRIES_AT_ONCE });
      if (entries.length > 0) follower.teller ??= await this.entries.tellerOf(lines);
      const texts = entries.map((read) => {
        const told = follower.teller?.tell(read) ?? null;
        return `id: ${read.entry.seq}\n${eventText('entry', { entry: read.written, told })}`;
      });
      follower.seq = entries.at(-1)?.entry.seq ?? follower.seq;
      return { texts, more, isSealed: isSealed && follower.grant.state === 'sealed' };
    });
  }

  async #stateTexts(follower: Follower): Promise<readonly string[]> {
    if (follower.state === follower.grant.state) return [];
    follower.state = follower.grant.state;
    return [await this.#stateText(follower, 'state')];
  }

  async #stateText({ grant, stream }: Follower, event: 'state' | 'sealed'): Promise<string> {
    const recording = await this.views.one(grant, stream.caller);
    return eventText(event, { grantState: grant.state, recording });
  }

  #requireRoom({ id }: Caller): void {
    const own = [...this.#followers].filter(({ stream }) => stream.caller.id === id).length;
    if (own >= STREAMS_OF_ONE_MAX || this.#followers.size >= STREAMS_MAX || this.#stopped.signal.aborted) {
      throw new BrokerError('watchers_over_limit');
    }
  }
}

interface NewEntries {
  readonly texts: readonly string[];
  readonly more: boolean;
  /** Nothing is written to it any more. */
  readonly isSealed: boolean;
}

/** False when the stream is over: it was cut, since its reader did not take what was sent. */
async function send({ response, over }: Follower, text: string): Promise<boolean> {
  if (response.write(text)) return !over.aborted;
  try {
    const signal = AbortSignal.any([over, AbortSignal.timeout(UNREAD_MS_MAX)]);
    await once(response, 'drain', { signal });
    return true;
  } catch {
    // Ended it would wait for its reader, with all that is unread.
    response.destroy();
    return false;
  }
}
