import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** A server-sent event with its data as text. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** An event larger than this is no event of the broker. */
const EVENT_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * The events in the text of a stream, wherever it is cut.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* eventsIn(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  const come: EventSourceMessage[] = [];
  const parser = createParser({
    maxBufferSize: EVENT_CHARACTERS_MAX,
    onEvent: (event) => void come.push(event),
    onError(error) {
      // All else that is wrong the specification tells to pass over.
      if (error.type === 'max-buffer-size-exceeded') throw error;
    },
  });
  for await (const chunk of chunks) {
    parser.feed(chunk);
    for (const { event, data } of come.splice(0)) yield { event: event ?? 'message', data };
  }
}
