import { expect, it } from 'vitest';
import { eventsIn, type ServerEvent } from './server-events.js';

const TEXT =
  '\ufeff: hello\n\nevent: asked\ndata: {"a":\ndata: 1}\n\n: still here\n\ndata:bare\r\n\r\nid: 7\n\ndata: old\r\revent: cut\ndata: off';
const EVENTS = [
  { event: 'asked', data: '{"a":\n1}' },
  { event: 'message', data: 'bare' },
  { event: 'message', data: 'old' },
];

async function read(chunks: Iterable<string>): Promise<readonly ServerEvent[]> {
  async function* source(): AsyncGenerator<string> {
    yield* chunks;
  }
  const events: ServerEvent[] = [];
  for await (const event of eventsIn(source())) events.push(event);
  return events;
}

it('finds the same events wherever the stream is cut, however its lines end', async () => {
  expect(await read([TEXT])).toEqual(EVENTS);
  for (let at = 0; at <= TEXT.length; at += 1) expect(await read([TEXT.slice(0, at), TEXT.slice(at)])).toEqual(EVENTS);
  expect(await read(TEXT.split(''))).toEqual(EVENTS);
});

it('does not collect an event without end', async () => {
  function* endless(): Generator<string> {
    for (;;) yield `data: ${'x'.repeat(1024 * 1024)}\n`;
  }
  await expect(read(endless())).rejects.toThrow('exceed');
});
