import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectApi } from '../../client/api-client.js';
import { lightFetch } from './light-fetch.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((listens) => started.listen(0, '127.0.0.1', listens));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

function clientAt(api: string) {
  return connectApi({ api, key: 'k', fetch: lightFetch() });
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('an answer that is a stream', () => {
  it('comes as it is sent, and whole', async () => {
    const text = 'ä'.repeat(300_000);
    const api = await serve((_, response) => response.end(text));
    expect(await bytesOf(clientAt(api).stream('/'))).toBe(text);
  });

  it('that breaks off fails', async () => {
    const api = await serve((_, response) => {
      response.write('half', () => response.destroy());
    });
    await expect(bytesOf(clientAt(api).stream('/'))).rejects.toThrow(`The connection to the API at ${api} was lost.`);
  });

  it('that is refused says why', async () => {
    const api = await serve((_, response) => {
      response.writeHead(404).end(JSON.stringify({ title: 'There is none.', code: 'grant_not_found' }));
    });
    await expect(bytesOf(clientAt(api).stream('/'))).rejects.toThrow('There is none. (grant_not_found)');
  });

  it('is left when its signal says so, and the server hears of it', async () => {
    let isLeft = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      isLeft = resolve;
    });
    const api = await serve((_, response) => {
      response.once('close', isLeft);
      response.write('event: one\ndata: {}\n\n');
    });
    const over = new AbortController();
    const events = clientAt(api).events('/', over.signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ event: 'one', data: '{}' });
    over.abort();
    await expect(events.next()).rejects.toThrow('was lost');
    await left;
  });
});
