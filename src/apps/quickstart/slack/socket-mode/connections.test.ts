import { SocketModeClient } from '@slack/socket-mode';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QUIET } from '../quiet-log.fixture.js';
import { type LocalSlack, startSlack } from '../start-slack.js';

const CHANNEL = 'C0QUESTIONS';
const PERSON = 'U0PERSON';

let slack: LocalSlack;
const clients: SocketModeClient[] = [];
/** Of each client, whether Slack has said hello to it since it last came. */
const isConnected: boolean[] = [];
const heard: { readonly client: number; readonly envelope: string; readonly ack: () => Promise<void> }[] = [];
let acknowledgesItself: boolean;

beforeEach(async () => {
  acknowledgesItself = true;
  heard.length = 0;
  isConnected.length = 0;
  slack = await startSlack({
    channels: [{ id: CHANNEL, name: 'questions' }],
    people: [{ id: PERSON, name: 'A person' }],
  });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.disconnect()));
  await slack.close();
  expect(slack.violations.all).toEqual([]);
});

interface Heard {
  readonly envelope_id: string;
  readonly ack: () => Promise<void>;
}

/** One of Slack's own clients, connected. It takes a Slack that is silent for longer for gone, and waits as long before it comes again. */
async function connect(clientPingTimeout = 500): Promise<void> {
  const number = clients.length;
  const client = new SocketModeClient({
    appToken: slack.appToken,
    clientPingTimeout,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
    logger: QUIET,
  });
  client.on('interactive', ({ envelope_id: envelope, ack }: Heard) => {
    heard.push({ client: number, envelope, ack });
    if (acknowledgesItself) void ack();
  });
  client.on('connecting', () => void (isConnected[number] = false));
  client.on('connected', () => void (isConnected[number] = true));
  clients.push(client);
  await client.start();
}

function click() {
  const message = slack.workspace.messages.add({
    channel: CHANNEL,
    threadTs: null,
    author: slack.botUserId,
    text: 'a',
    blocks: [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } }],
      },
    ],
    metadata: null,
    onlyFor: null,
  });
  return slack.click({ user: PERSON, message, action: 'approve' });
}

it('takes turns between connections, and each envelope goes to one of them', async () => {
  // On a machine that is busy, half a second of silence would end one of them meanwhile.
  await connect(30_000);
  await connect(30_000);
  for (let index = 0; index < 4; index += 1) expect((await click()).status).toBe(200);
  expect(heard.map(({ client }) => client).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1]);
  expect(new Set(heard.map(({ envelope }) => envelope)).size).toBe(4);
});

it('an envelope that nobody acknowledged when its connection was refreshed goes to the other one', async () => {
  await connect();
  await connect();
  acknowledgesItself = false;
  const clicked = click();
  await vi.waitFor(() => expect(heard.length).toBe(1), 30_000);
  acknowledgesItself = true;
  slack.connections.refresh(heard[0]?.client);
  expect((await clicked).status).toBe(200);
  expect(heard.length).toBe(2);
  expect(heard[1]?.envelope).toBe(heard[0]?.envelope);
  expect(heard[1]?.client).not.toBe(heard[0]?.client);
  await slack.waitFor(() => (slack.connections.count === 2 ? true : undefined), 'the refreshed client comes again');
  await vi.waitFor(() => expect(isConnected).toEqual([true, true]), 30_000);
});

it('a connection that says nothing any more is left by its client', async () => {
  await connect();
  const isLeft = slack.connections.makeHalfOpen();
  await slack.waitFor(() => (isLeft() && slack.connections.count === 1) || undefined, 'the client comes again');
  await vi.waitFor(() => expect(isConnected).toEqual([true]), 30_000); // its own start() must be over before it is ended
});

it('an envelope without acknowledgement is noted after three seconds', async () => {
  await connect();
  acknowledgesItself = false;
  expect((await click()).status).toBe(0);
  expect(slack.violations.take('acknowledgement').length).toBe(1);
});

it('the eleventh connection is sent away', async () => {
  for (let index = 0; index < 10; index += 1) await connect(30_000); // none of them leaves meanwhile
  const address = new URL(slack.connections.makeAddress());
  const socket = new WebSocket(address);
  const frame = await new Promise<unknown>((resolve) => {
    socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))));
  });
  socket.close();
  expect(frame).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' });
});
