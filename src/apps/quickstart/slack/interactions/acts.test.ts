import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBody } from '../http-body.js';
import { approve, CHANNEL, PERSON, plain, refusalOf, section, useTriedSlack } from '../tried-slack.fixture.js';

const tried = useTriedSlack();

describe('what people do', () => {
  const heard: { readonly request: IncomingMessage; readonly body: string }[] = [];
  let answer = '';
  const app = createServer((request, response) => {
    void readBody(request, 1_000_000).then((body) => {
      heard.push({ request, body: body.toString('utf8') });
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
  });
  beforeAll(async () => {
    await once(app.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => void app.close());
  beforeEach(() => {
    heard.length = 0;
    answer = '';
    const address = app.address();
    const url = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
    tried.slack.deliverBy({ kind: 'http', interactivity: `${url}/interactivity`, commands: `${url}/commands` });
  });

  const payloadOf = (index = 0): Record<string, unknown> =>
    JSON.parse(new URLSearchParams(heard[index]?.body).get('payload') ?? '{}') as Record<string, unknown>;
  const openModal = async () => {
    const view = {
      type: 'modal' as const,
      callback_id: 'deny',
      private_metadata: '{"a":"1"}',
      title: plain('Deny'),
      submit: plain('Deny'),
      blocks: [
        {
          type: 'input' as const,
          block_id: 'reason',
          label: plain('Reason'),
          element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 100 },
        },
      ],
    };
    await tried.client.views.open({ trigger_id: String(payloadOf()['trigger_id']), view });
    const [modal] = tried.slack.modals(PERSON);
    if (modal === undefined) throw new Error('No modal is open');
    return modal;
  };
  const click = async () => {
    await tried.post([section('a'), approve]);
    const [message] = tried.slack.messages(CHANNEL);
    if (message === undefined) throw new Error('There is no message');
    return { message, acknowledgement: await tried.slack.click({ user: PERSON, message, action: 'approve' }) };
  };

  it('a click arrives signed, with the one who clicked, and what', async () => {
    const { message, acknowledgement } = await click();
    expect(acknowledgement.status).toBe(200);
    expect(payloadOf()).toMatchObject({
      type: 'block_actions',
      user: { id: PERSON, team_id: tried.slack.teamId },
      team: { id: tried.slack.teamId },
      channel: { id: CHANNEL },
      message: { ts: message.ts },
      actions: [{ action_id: 'approve', block_id: 'dw:1:1', value: '{"a":"1","r":1}' }],
    });
    const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = heard[0]?.request.headers ?? {};
    expect(timestamp).toBe('1800000000');
    expect(signature).toMatch(/^v0=[0-9a-f]{64}$/);
    const again = tried.slack.sign('http://local/', new URLSearchParams(heard[0]?.body));
    expect(again.headers['x-slack-signature']).toBe(signature);
  });

  it('a trigger opens one modal, within three seconds', async () => {
    await click();
    const modal = await openModal();
    expect(modal.view.callback_id).toBe('deny');
    expect(await refusalOf(openModal())).toBe('exchanged_trigger_id');
    const [message] = tried.slack.messages(CHANNEL);
    if (message === undefined) throw new Error('There is no message');
    heard.length = 0;
    await tried.slack.click({ user: PERSON, message, action: 'approve' });
    tried.pass(3_001);
    expect(await refusalOf(openModal())).toBe('expired_trigger_id');
    expect(tried.slack.violations.take('trigger').length).toBe(2);
  });

  it('a modal is sent off with what was typed, and stays open with what is wrong', async () => {
    await click();
    const modal = await openModal();
    await expect(tried.slack.submit({ modal })).rejects.toThrow('required');
    answer = JSON.stringify({ response_action: 'errors', errors: { reason: 'Say more.' } });
    await tried.slack.submit({ modal, typed: { Reason: 'no' } });
    expect(payloadOf(1)).toMatchObject({
      type: 'view_submission',
      user: { id: PERSON },
      view: {
        id: modal.id,
        private_metadata: '{"a":"1"}',
        state: { values: { reason: { text: { type: 'plain_text_input', value: 'no' } } } },
      },
    });
    expect(tried.slack.modals(PERSON).map(({ errors }) => errors)).toEqual([{ reason: 'Say more.' }]);
    answer = JSON.stringify({ response_action: 'errors', errors: { elsewhere: 'Say more.' } });
    await tried.slack.submit({ modal, typed: { Reason: 'no' } });
    expect(tried.slack.violations.take('acknowledgement').length).toBe(1);
    answer = '';
    await tried.slack.submit({ modal, typed: { Reason: 'no' }, user: 'U0GUEST' });
    expect(payloadOf(3)).toMatchObject({ user: { id: 'U0GUEST' } });
    expect(tried.slack.modals(PERSON)).toEqual([]);
  });

  it('a command arrives as a form, and its answer is for the one who typed it', async () => {
    answer = JSON.stringify({ response_type: 'ephemeral', text: 'You are linked.' });
    await tried.slack.command(PERSON, 'link 123');
    expect(Object.fromEntries(new URLSearchParams(heard[0]?.body))).toMatchObject({
      command: '/doorwarden',
      text: 'link 123',
      user_id: PERSON,
      team_id: tried.slack.teamId,
      channel_id: CHANNEL,
    });
    expect(tried.slack.ephemerals(PERSON).map(({ text }) => text)).toEqual(['You are linked.']);
  });

  it('a response URL takes five answers', async () => {
    await click();
    const respond = () =>
      fetch(String(payloadOf()['response_url']), { method: 'POST', body: JSON.stringify({ text: 'Too late.' }) });
    for (let index = 0; index < 5; index += 1) expect((await respond()).status).toBe(200);
    expect(tried.slack.ephemerals(PERSON).length).toBe(5);
    expect((await respond()).status).toBe(404);
    expect(tried.slack.violations.take('response-url').length).toBe(1);
  });

  it('an answer that comes after three seconds, or says something, is noted', async () => {
    answer = '"thanks"';
    await click();
    expect(tried.slack.violations.take('acknowledgement').length).toBe(1);
  });

  it('what was signed can be changed for tests', async () => {
    await tried.post([approve]);
    const [message] = tried.slack.messages(CHANNEL);
    if (message === undefined) throw new Error('There is no message');
    const by = (tampering: object) => tried.slack.click({ user: PERSON, message, action: 'approve', tampering });
    await by({ timestampShiftSeconds: 3600, changeBody: (body: string) => `${body} ` });
    expect(heard[0]?.request.headers['x-slack-request-timestamp']).toBe('1800003600');
    expect(heard[0]?.body.endsWith(' ')).toBe(true);
    const { call } = await by({});
    if (call === null) throw new Error('It did not go over HTTP');
    await tried.slack.send(call);
    expect(heard[2]?.body).toBe(heard[1]?.body);
    expect(heard[2]?.request.headers['x-slack-signature']).toBe(heard[1]?.request.headers['x-slack-signature']);
  });
});
