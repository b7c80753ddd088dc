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
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>;
  close(): void;
}

/** Follows server-sent events with `fetch`; give `close()` a call in the end. */
export async function openEventStream(url: string, key: string): Promise<EventStream> {
  const gone = new AbortController();
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal: gone.signal });
  const events = eventsIn(response);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    async next(isWanted = () => true) {
      for (let step = await events.next(); !step.done; step = await events.next()) {
        if (isWanted(step.value)) return step.value;
      }
      throw new Error('The stream has ended');
    },
    async ended() {
      for (let step = await events.next(); !step.done; step = await events.next());
    },
    close: () => gone.abort(),
  };
}

async function* eventsIn(response: Response): AsyncGenerator<StreamEvent, void> {
  let rest = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
    }
  }
}
