import { ALIVE_EVENT } from '../../src/contracts/live-stream.js';
import { eventsIn } from '../../src/client/server-events.js';

/** A server-sent event, its data parsed. */
export interface StreamEvent {
  readonly event: string;
  readonly data: unknown;
}

/** A live view that a test follows. */
export interface EventStream {
  readonly status: number;
  readonly type: string | null;
  /** The next event that the test wants; others before it are passed over. Fails at the end of the stream. */
  next(isWanted?: (event: StreamEvent) => boolean): Promise<StreamEvent>;
  /** Resolves when the server says that the stream is alive. */
  alive(): Promise<void>;
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  close(): void;
}

/** Follows server-sent events with `fetch`, with a key or with headers; give `close()` a call in the end. */
export async function openEventStream(
  url: string,
  as: string | Readonly<Record<string, string>>,
): Promise<EventStream> {
  const gone = new AbortController();
  const headers = typeof as === 'string' ? { authorization: `Bearer ${as}` } : as;
  const response = await fetch(url, { headers, signal: gone.signal });
  const events = parsedEventsOf(response);
  const next: EventStream['next'] = async (isWanted = ({ event }) => event !== ALIVE_EVENT) => {
    for (let step = await events.next(); !step.done; step = await events.next()) {
      if (isWanted(step.value)) return step.value;
    }
    throw new Error('The stream has ended');
  };
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    next,
    async alive() {
      await next(({ event }) => event === ALIVE_EVENT);
    },
    async ended() {
      for (let step = await events.next(); !step.done; step = await events.next());
    },
    close: () => gone.abort(),
  };
}

async function* parsedEventsOf({ body }: Response): AsyncGenerator<StreamEvent, void> {
  if (body === null) return;
  for await (const { event, data } of eventsIn(body.pipeThrough(new TextDecoderStream()))) {
    yield { event, data: JSON.parse(data) };
  }
}
