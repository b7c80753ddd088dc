/** A server-sent event with its data as text. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** An event larger than this is no event of the broker. */
const EVENT_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * The events in the text of a stream, wherever it is cut: blocks of `event:` and `data:` lines with an empty line behind.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* eventsIn(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let rest = '';
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    if (rest.length > EVENT_CHARACTERS_MAX) throw new Error('The stream of events makes no sense.');
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const data = valuesOf('data', lines);
      if (data.length > 0) yield { event: valuesOf('event', lines).at(-1) ?? 'message', data: data.join('\n') };
    }
  }
}

function valuesOf(field: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    line.startsWith(`${field}:`) ? [line.slice(field.length + 1).replace(/^ /, '')] : [],
  );
}
