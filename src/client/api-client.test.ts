import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ApiAddress, type ApiClient, connectApi } from './api-client.js';
import { CallReach } from './api-call.js';
import { ApiFailure } from './api-failure.js';
import { callAgain } from './api-retry.js';

const view = z.object({ name: z.string(), port: z.int() });
const KEY = 'dw_key';

/** An API that answers so, and a client of it. */
async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: Partial<ApiAddress> = {},
): Promise<ApiClient> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port');
  return connectApi({ api: `http://127.0.0.1:${address.port}/`, key: KEY, ...options });
}

function saying(status: number, text: string): Promise<ApiClient> {
  return answering((_request, response) => response.writeHead(status).end(text));
}

async function failureOf(call: Promise<unknown>): Promise<ApiFailure> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiFailure)) throw new Error('It did not fail so', { cause: error });
  return error;
}

it('calls with the key, and gives what the view knows of the answer', async () => {
  const api = await answering((request, response) => {
    const { method, url, headers } = request;
    request.setEncoding('utf8').on('data', (body: string) => {
      expect([method, url, headers.authorization, body]).toEqual(['POST', '/v1/things', `Bearer ${KEY}`, '{"a":1}']);
      response.end('{"name":"crm","port":3306,"newer":true}');
    });
  });
  expect(await api.post('/v1/things', { a: 1 }, view)).toEqual({ name: 'crm', port: 3306 });
});

it('fails with what a problem says, and with its code', async () => {
  const api = await saying(409, '{"code":"target_in_use","title":"In use.","detail":"By 1 grant.","next":"Close it."}');
  const failure = await failureOf(api.delete('/v1/targets/crm'));
  expect([failure.code, failure.message]).toEqual(['target_in_use', 'In use. By 1 grant. Close it. (target_in_use)']);
  expect((await failureOf(api.download('/v1/file'))).code).toBe('target_in_use');
  const events = api.events('/v1/events', AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
  expect((await failureOf(events.next())).code).toBe('target_in_use');
});

it.each([
  ['"check":"audience"', 'No. Look. The check is audience. (token_refused)'],
  [
    '"missing":["GRANT A ON *.* TO x","GRANT B ON *.* TO x"]',
    'No. Look. Missing: GRANT A ON *.* TO x; GRANT B ON *.* TO x; (token_refused)',
  ],
  ['"check":7,"missing":"all"', 'No. Look. (token_refused)'],
])('tells the fields that the texts speak of: %s', async (fields, told) => {
  const api = await saying(401, `{"code":"token_refused","title":"No.","next":"Look.",${fields}}`);
  expect((await failureOf(api.get('/v1/me', view))).message).toBe(told);
});

it.each([
  ['a refusal without a reason', 502, '{}', 'The API answered 502 without saying why.'],
  ['something else', 200, '<html>', 'is no API of Doorwarden.'],
  ['another form', 200, '{"name":"crm"}', 'in another form than this version of doorwarden knows (port: '],
  ['nothing where something is due', 200, '', 'in another form than this version of doorwarden knows (all of it: '],
])('fails when the answer is %s', async (_, status, text, why) => {
  const failure = await failureOf((await saying(status, text)).get('/v1/things', view));
  expect(failure.message).toContain(why);
  expect(failure.code).toBeNull();
});

it('takes the key nowhere else, and says so', async () => {
  const elsewhere = await answering((_request, response) => response.writeHead(302, { location: '/other' }).end());
  expect((await failureOf(elsewhere.get('/v1/things', view))).message).toMatch(
    /cannot be reached: unexpected redirect\.$/,
  );
});

it('says why nobody answers, and refuses an address that is none', async () => {
  const failure = await failureOf(connectApi({ api: 'http://127.0.0.1:2', key: KEY }).get('/', view));
  expect(failure.message).toBe('The API at http://127.0.0.1:2 cannot be reached: ECONNREFUSED.');
  expect(() => connectApi({ api: 'ftp://x', key: KEY })).toThrow('must begin with http:// or https://, not "ftp://x"');
});

it('gives events as they come, and fails when the connection is lost', async () => {
  const api = await answering((_request, response) => {
    response.write('event: asked\ndata: 1\n\n');
    setImmediate(() => response.destroy());
  });
  const events = api.events('/v1/events', new AbortController().signal)[Symbol.asyncIterator]();
  expect((await events.next()).value).toEqual({ event: 'asked', data: '1' });
  expect((await failureOf(events.next())).message).toContain('was lost');
});

const PATIENT = { firstMs: 60_000, laterMs: 60_000 };
const CRM = '{"name":"crm","port":3306}';

/** Answers so, one after the other, and counts the calls; null: it breaks off. */
async function inTurn(...answers: readonly (readonly [number, string] | null)[]) {
  const keys: (string | undefined)[] = [];
  const client = await answering(
    ({ headers }, response) => {
      keys.push(headers['idempotency-key']?.toString());
      const answer = answers[keys.length - 1];
      if (answer === null || answer === undefined) response.destroy();
      else response.writeHead(answer[0], { 'retry-after': '0' }).end(answer[1]);
    },
    { retry: PATIENT },
  );
  return { client, keys };
}

const LIMITED = '{"code":"too_many_requests","title":"Too many.","next":"Wait."}';
const AWAY = '{"code":"state_unavailable","title":"Away.","next":"Wait."}';

it('makes a read again while the API is away, by itself or behind a proxy', async () => {
  const { client, keys } = await inTurn(null, [502, '<html>'], [503, AWAY], [429, '{}'], [200, CRM]);
  expect(await client.get('/v1/things', view)).toEqual({ name: 'crm', port: 3306 });
  expect(keys).toHaveLength(5);
});

it('makes a call with an idempotency key again, with the same one', async () => {
  const inUse = '{"code":"idempotency_key_in_use","title":"Running.","next":"Wait."}';
  const { client, keys } = await inTurn(null, [409, inUse], [201, CRM]);
  await client.post('/v1/things', {}, view, { idempotencyKey: 'k' });
  expect(keys).toEqual(['k', 'k', 'k']);
});

it.each([
  ['a change without a key', (api: ApiClient) => api.post('/v1/things', {}, view), null],
  ['what was refused', (api: ApiClient) => api.get('/v1/things', view), [403, '{"code":"forbidden","title":"No."}']],
  [
    'what became of a grant',
    (api: ApiClient) => api.post('/v1/grants', {}, view, { idempotencyKey: 'k' }),
    [503, '{"code":"queue_unavailable","title":"Away.","grantId":"01m7ytqm8g9xt6m7ken4f6b9rz"}'],
  ],
] as const)('does not make %s again', async (_, call, answer) => {
  const { client, keys } = await inTurn(answer, [200, CRM]);
  await failureOf(call(client));
  expect(keys).toHaveLength(1);
});

it('keeps in mind that a call may have arrived, though nobody listened when it was made again', async () => {
  const failures = [
    new ApiFailure('cut', null, undefined, { isPassing: true }),
    new ApiFailure('gone', null, undefined, { isPassing: true, isUnsent: true }),
  ];
  const calling = (first: number) => {
    let at = first;
    return callAgain(
      () => {
        at += 1;
        return Promise.reject(failures[at - 1] ?? new Error('It was called once more'));
      },
      { isRepeatable: true, patienceMs: () => (at < 2 ? 60_000 : 0) },
    );
  };
  const after = await failureOf(calling(0));
  expect([after.message, after.isUnsent, after.mayHaveArrived]).toEqual(['gone', false, true]);
  const unsent = await failureOf(calling(1));
  expect([unsent.message, unsent.isUnsent, unsent.mayHaveArrived]).toEqual(['gone', true, false]);
});

it('gives up when its patience is over', async () => {
  const failure = await failureOf(
    connectApi({ api: 'http://127.0.0.1:2', key: KEY, retry: { firstMs: 250, laterMs: 0 } }).get('/', view),
  );
  expect(failure.message).toContain('ECONNREFUSED');
});

it('ends a call, and a pause before the next one, when its signal is aborted, with the reason', async () => {
  const ends = new AbortController();
  const sent = new CallReach();
  const silent = await answering(() => ends.abort(new Error('enough')));
  await expect(silent.get('/v1/things', view, { signal: ends.signal, reach: sent })).rejects.toThrow('enough');
  expect(sent.mayHaveArrived).toBe(true);
  const later = new AbortController();
  const reach = new CallReach();
  const away = await answering(
    (_request, response) => {
      response.writeHead(429, { 'retry-after': '30' }).end(LIMITED);
      setTimeout(() => later.abort(new Error('enough too')), 20);
    },
    { retry: PATIENT },
  );
  await expect(away.get('/v1/things', view, { signal: later.signal, reach })).rejects.toThrow('enough too');
  expect(reach.mayHaveArrived).toBe(false);
});

it('says when no answer comes in time', async () => {
  const silent = await answering(() => undefined);
  expect((await failureOf(silent.get('/v1/things', view, { limitMs: 100 }))).message).toContain('no answer in 0.1 s');
});

it('asks for its credential before each call, and shows it in no error', async () => {
  const seen: (string | undefined)[] = [];
  const credentials = ['first', 'second', 'dw_se\ncret'];
  const client = await answering(
    ({ headers }, response) => {
      seen.push(headers.authorization);
      response.end(CRM);
    },
    { key: () => credentials.shift() ?? '' },
  );
  await client.get('/v1/things', view);
  await client.get('/v1/things', view);
  expect(seen).toEqual(['Bearer first', 'Bearer second']);
  const { message, mayHaveArrived } = await failureOf(client.get('/v1/things', view));
  expect(message).toMatch(/characters that none has/);
  expect(message).not.toContain('dw_se');
  expect(mayHaveArrived).toBe(false);
});

it('sends nothing once its signal is aborted while the credential is fetched', async () => {
  const ends = new AbortController();
  const client = await answering(() => expect.unreachable(), {
    key() {
      ends.abort(new Error('enough'));
      return KEY;
    },
  });
  await expect(client.get('/v1/things', view, { signal: ends.signal })).rejects.toThrow('enough');
});

it('calls by the fetch that it is given', async () => {
  const client = connectApi({ api: 'http://inside', key: KEY, fetch: () => Promise.resolve(new Response(CRM)) });
  expect(await client.get('/v1/things', view)).toEqual({ name: 'crm', port: 3306 });
});
