import { describe, expect, it } from 'vitest';
import { approve, CHANNEL, clientOf, PERSON, plain, refusalOf, section, useTriedSlack } from './tried-slack.fixture.js';

const tried = useTriedSlack();

describe('what Slack refuses', () => {
  const many = (length: number) => 'x'.repeat(length);
  it.each<[string, readonly object[], string]>([
    ['a section of 3,001 characters', [section(many(3001))], 'invalid_blocks'],
    ['an empty text', [section('')], 'invalid_blocks'],
    ['a header of 151 characters', [{ type: 'header', text: plain(many(151)) }], 'invalid_blocks'],
    ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'a' } }], 'invalid_blocks'],
    ['a section without text and fields', [{ type: 'section' }], 'invalid_blocks'],
    ['11 fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('a')) }], 'invalid_blocks'],
    ['a field of 2,001 characters', [{ type: 'section', fields: [plain(many(2001))] }], 'invalid_blocks'],
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), 'invalid_blocks'],
    ['13,001 characters in legal blocks', Array.from({ length: 5 }, () => section(many(2601))), 'msg_blocks_too_long'],
    ['a button of 76 characters', [withButton({ text: plain(many(76)) })], 'invalid_blocks'],
    ['a value of 2,001 characters', [withButton({ value: many(2001) })], 'invalid_blocks'],
    ['an action_id of 256 characters', [withButton({ action_id: many(256) })], 'invalid_blocks'],
    ['a style that there is not', [withButton({ style: 'green' })], 'invalid_blocks'],
    ['a confirm text of 301 characters', [withButton({ confirm: { text: plain(many(301)) } })], 'invalid_blocks'],
    ['a field that there is not', [{ ...section('a'), colour: 'red' }], 'invalid_blocks'],
    ['a block that there is not', [{ type: 'banner', text: plain('a') }], 'invalid_blocks'],
    ['the same block_id twice', [approve, { ...approve, elements: [button({ action_id: 'b' })] }], 'invalid_blocks'],
    ['the same action_id twice', [approve, { ...approve, block_id: 'other' }], 'invalid_blocks'],
    ['preformatted text with a mention', [preformatted({ type: 'user', user_id: PERSON })], 'invalid_blocks'],
    ['rich text without parts', [{ type: 'rich_text', elements: [] }], 'invalid_blocks'],
    [
      '11 elements in a context',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('a')) }],
      'invalid_blocks',
    ],
  ])('%s', async (_, blocks, code) => {
    expect(await refusalOf(tried.post(blocks))).toBe(code);
    expect(tried.slack.violations.take('blocks').length).toBe(1);
    expect(tried.slack.messages(CHANNEL)).toEqual([]);
  });

  it('says where, by a JSON pointer', async () => {
    const response = await fetch(`${tried.slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tried.slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: CHANNEL, text: 'a', blocks: [section(many(3001))] }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ok: false,
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] },
    });
  });

  it('a text of 40,001 characters, no text at all, and a message without words for notifications', async () => {
    expect(await refusalOf(tried.say({ channel: CHANNEL, text: many(40_001) }))).toBe('msg_too_long');
    expect(await refusalOf(tried.say({ channel: CHANNEL, text: '' }))).toBe('no_text');
    tried.pass(1_000);
    await tried.post([section('a')], '');
    expect(tried.slack.violations.take('blocks').length).toBe(3);
  });

  it('a call without a token, with a wrong one, and with one for other methods', async () => {
    const call = (token: string) => clientOf(tried.slack, token).apiCall('auth.test', {});
    expect(await refusalOf(call('xoxb-wrong'))).toBe('invalid_auth');
    expect(await refusalOf(call(tried.slack.appToken))).toBe('not_allowed_token_type');
    expect(await refusalOf(tried.client.apiCall('apps.connections.open', {}))).toBe('not_allowed_token_type');
    const without = await fetch(`${tried.slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await without.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(tried.slack.violations.take('token').length).toBe(4);
  });

  it('methods, arguments and channels that there are not', async () => {
    expect(await refusalOf(tried.client.apiCall('chat.delete', {}))).toBe('unknown_method');
    expect(await refusalOf(tried.client.apiCall('chat.postMessage', { channel: '#questions', text: 'a' }))).toBe(
      'invalid_arguments',
    );
    expect(await refusalOf(tried.client.apiCall('users.info', { user: PERSON, colour: 'red' }))).toBe(
      'invalid_arguments',
    );
    expect(tried.slack.violations.take('arguments').length).toBe(3);
    expect(await refusalOf(tried.say({ channel: 'C0NOWHERE', text: 'a' }))).toBe('channel_not_found');
    expect(await refusalOf(tried.say({ channel: 'C0CLOSED', text: 'a' }))).toBe('not_in_channel');
  });

  it.each([
    ['<!channel>'],
    ['<!here|here>'],
    [`<@${PERSON}>`],
    ['<!subteam^S0OTHERS>'],
    ['<https://evil.example/|https://broker.example/>'],
    ['see https://evil.example/now.'],
    ['a < b'],
    ['a & b'],
  ])('notes markup that an app must not write: %s', async (text) => {
    await tried.post([{ type: 'section', text: { type: 'mrkdwn', text } }]);
    expect(tried.slack.violations.take('mrkdwn').length).toBeGreaterThan(0);
  });

  it('takes the app’s own markup', async () => {
    const text =
      '*Waits* until <!date^1800000300^{time}|10:05 UTC> &lt;b&gt; <https://broker.example/a|Open> https://broker.example/me';
    await tried.post([{ type: 'section', text: { type: 'mrkdwn', text } }]);
    expect(tried.slack.violations.all).toEqual([]);
  });
});

function button(changes: object = {}): object {
  return { type: 'button', action_id: 'approve', text: plain('Approve'), ...changes };
}

function withButton(changes: object): object {
  return { type: 'actions', elements: [button(changes)] };
}

function preformatted(element: object): object {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [element] }] };
}
