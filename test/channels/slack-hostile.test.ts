import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import { newId } from '../../src/domain/ids.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { slackInteractionEntity } from '../../src/persistence/entities/channels/slack-interaction.js';
import { useBroker } from '../support/broker.js';
import { refusalOfApi, startFurtherApi } from '../support/further-api.js';
import { useQuestions } from '../support/questions.js';
import { decisionsOn, linkAs, shownIn } from '../support/slack/shown-questions.js';
import { FIRST, slackEnvironment, useSlack } from '../support/slack/use-slack.js';
import { startTripwireProxy, type TripwireProxy } from '../support/tripwire-proxy.js';

const local = useSlack();
let ways: { readonly state: TripwireProxy; readonly redis: TripwireProxy } | undefined;
const broker = useBroker({
  policies: 'default',
  gateways: 0,
  async envOf(env) {
    const [state, redis] = await Promise.all([through(env['DATABASE_URL']), through(env['REDIS_URL'])]);
    ways = { state: state.proxy, redis: redis.proxy };
    return { api: { ...slackEnvironment(local.slack), DATABASE_URL: state.url, REDIS_URL: redis.url } };
  },
});
const questions = useQuestions(broker);

async function through(text = ''): Promise<{ readonly url: string; readonly proxy: TripwireProxy }> {
  const url = new URL(text);
  const proxy = await startTripwireProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  return { url: url.href, proxy };
}

function way(name: 'state' | 'redis'): TripwireProxy {
  if (ways === undefined) throw new Error('The ways are there inside of tests only');
  return ways[name];
}

beforeAll(async () => {
  deliverTo(broker().api);
  await linkAs(broker(), local.slack, FIRST, 'test-approver');
}, 60_000);
afterAll(async () => {
  await Promise.all([ways?.state.close(), ways?.redis.close()]);
});

function deliverTo(api: string): void {
  local.slack.deliverBy({
    kind: 'http',
    interactivity: `${api}/slack/interactivity`,
    commands: `${api}/slack/commands`,
  });
}

async function ask(): Promise<{ readonly id: ApprovalId; readonly message: SlackMessage }> {
  const id = await questions().ask();
  return { id, message: await shownIn(local.slack, questions(), id) };
}

interface Sent {
  readonly body?: string;
  readonly type?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends bytes with a good signature, unless the headers say otherwise. */
async function send({
  body = '',
  type = 'application/x-www-form-urlencoded',
  path = 'interactivity',
  headers = {},
}: Sent) {
  const seconds = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', local.slack.signingSecret).update(`v0:${seconds}:${body}`).digest('hex');
  const response = await fetch(`${broker().api}/slack/${path}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${mac}`,
      ...headers,
    },
    body,
  });
  return { status: response.status, text: await response.text(), cookie: response.headers.get('set-cookie') };
}

describe('a call that Slack has not signed', () => {
  it.each([
    ['with another secret', { secret: 'of somebody else' }],
    ['six minutes ago', { timestampShiftSeconds: -360 }],
    ['six minutes from now', { timestampShiftSeconds: 360 }],
    ['with one byte changed', { changeBody: (body: string) => body.replace('approve', 'bpprove') }],
    ['with one byte more', { changeBody: (body: string) => `${body}&` }],
    ['with two signatures', { changeHeaders: twice }],
    ['with no signature', { changeHeaders: without('x-slack-signature') }],
    ['with no time', { changeHeaders: without('x-slack-request-timestamp') }],
  ])('%s is refused without a word', async (_how, tampering) => {
    const { id, message } = await ask();
    const { status, body } = await local.slack.click({ user: FIRST, message, action: 'approve', tampering });
    expect([status, body]).toEqual([401, null]);
    expect((await questions().row(id)).state).toBe('pending');
    expect(await decisionsOn(questions(), id)).toEqual([]);
  });

  it('is good with its fields in another order, and with fields that nobody knows', async () => {
    const { id, message } = await ask();
    const changeForm = (form: URLSearchParams) => new URLSearchParams([['new', '1'], ...form]);
    const click = { user: FIRST, message, action: 'approve', tampering: { changeForm } };
    expect((await local.slack.click(click)).status).toBe(200);
    await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe('approved');
  });
});

type Headers = Readonly<Record<string, string>>;

function without(name: string) {
  return (headers: Headers): Headers => Object.fromEntries(Object.entries(headers).filter(([own]) => own !== name));
}

function twice(headers: Headers): Headers {
  const signature = headers['x-slack-signature'] ?? '';
  return { ...headers, 'x-slack-signature': `${signature}, ${signature}` };
}

describe('a body', () => {
  it.each([
    ['of JSON', { body: '{"type":"url_verification","challenge":"abc"}', type: 'application/json' }, 415],
    ['of another type', { body: 'payload=%7B%7D', type: 'text/plain' }, 415],
    ['of a file', { body: 'payload', type: 'multipart/form-data; boundary=x' }, 415],
    ['that is too large', { body: `payload=${'a'.repeat(102_400)}` }, 413],
    ['with no payload', { body: 'a=1' }, 400],
    ['with two payloads', { body: 'payload=%7B%7D&payload=%7B%7D' }, 400],
    ['that is no JSON', { body: 'payload=%7B' }, 400],
    ['of a command that lacks all', { body: 'a=1', path: 'commands' }, 400],
    ['of a check of TLS', { body: 'ssl_check=1&token=abc' }, 200],
    ['of a check of TLS of commands', { body: 'ssl_check=1&token=abc', path: 'commands' }, 200],
  ])('%s', async (_what, sent: Sent, status) => {
    expect(await send(sent)).toEqual({ status, text: '', cookie: null });
  });

  it('is read only up to its limit, also where nobody said how long it is', async () => {
    const { hostname, port } = new URL(broker().api);
    const socket = connect(Number(port), hostname);
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    const over = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('data', () => resolve());
    });
    socket.on('error', () => undefined);
    socket.write(
      'POST /slack/interactivity HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    for (let sent = 0; sent < 64 && heard.length === 0; sent += 1) socket.write(`4000\r\n${'a'.repeat(0x4000)}\r\n`);
    await over;
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it('does not matter where a session comes with it', async () => {
    const { status } = await send({ body: 'a=1', headers: { cookie: '__Host-doorwarden=abc' } });
    expect(status).toBe(400);
  });
});

it('an api whose settings of Slack do not fit together says which, and does not start', async () => {
  const env = { SLACK_TEAM_ID: 'T0123ABCD', SLACK_BOT_TOKEN: 'no-token-of-a-bot' };
  const said = await refusalOfApi(broker(), { env });
  expect(said).toContain('SLACK_BOT_TOKEN: must be the token of a bot');
  expect(said).toContain('SLACK_SIGNING_SECRET: is missing');
  expect(said).not.toContain('no-token-of-a-bot');
}, 60_000);

it('more than so many in a minute are not accepted, and change nothing', async () => {
  const env = { ...slackEnvironment(local.slack), QUEUE_PREFIX: `few-${newId()}`, LIMIT_SLACK_PER_MINUTE: '2' };
  const limited = await startFurtherApi(broker(), { env });
  try {
    deliverTo(limited.api);
    const asked = [await ask(), await ask(), await ask()];
    const statuses = [];
    for (const { message } of asked) {
      statuses.push((await local.slack.click({ user: FIRST, message, action: 'approve' })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
    deliverTo(broker().api);
    for (const [place, state] of ['approved', 'approved', 'pending'].entries()) {
      const id = asked[place]?.id;
      if (id === undefined) throw new Error('Three were asked');
      await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe(state);
    }
  } finally {
    await limited.stop();
  }
}, 90_000);

describe('a click', () => {
  it('decides while Redis is away', async () => {
    const { id, message } = await ask();
    way('redis').cut();
    try {
      expect((await local.slack.click({ user: FIRST, message, action: 'approve' })).status).toBe(200);
      await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe('approved');
    } finally {
      way('redis').mend();
    }
  }, 60_000);

  it('is not accepted while the state database is away, and decides when it is clicked again', async () => {
    const { id, message } = await ask();
    const rows = questions().source.getRepository(slackInteractionEntity);
    const before = await rows.count();
    way('state').cut();
    try {
      expect((await local.slack.click({ user: FIRST, message, action: 'approve' })).status).toBe(503);
    } finally {
      way('state').mend();
    }
    expect(await rows.count()).toBe(before);
    await expect
      .poll(async () => (await local.slack.click({ user: FIRST, message, action: 'approve' })).status, {
        timeout: 30_000,
      })
      .toBe(200);
    await expect.poll(async () => (await questions().row(id)).state, { timeout: 30_000 }).toBe('approved');
  }, 90_000);
});
