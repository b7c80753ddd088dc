import { expect, it } from 'vitest';
import { eventsIn, type ServerEvent } from './server-events.js';

const TEXT =
  ': hello\n\nevent: asked\ndata: {"a":\ndata: 1}\n\n: still here\n\ndata:bare\r\n\r\nid: 7\n\nevent: cut\ndata: off';
const EVENTS = [
  { event: 'asked', data: '{"a":\n1}' },
  { event: 'message', data: 'bare' },
];

async function read(chunks: readonly string[]): Promise<readonly ServerEvent[]> {
  async function* source(): AsyncGenerator<string> {
    yield* chunks;
  }
  const events: ServerEvent[] = [];
  for await (const event of eventsIn(source())) events.push(event);
  return events;
}

it('finds the same events wherever the stream is cut', async () => {
  expect(await read([TEXT])).toEqual(EVENTS);
  for (let at = 0; at <= TEXT.length; at += 1) expect(await read([TEXT.slice(0, at), TEXT.slice(at)])).toEqual(EVENTS);
  expect(await read(TEXT.split(''))).toEqual(EVENTS);
});
