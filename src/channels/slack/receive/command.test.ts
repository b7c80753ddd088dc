import { expect, it } from 'vitest';
import { answerText } from './answer-text.js';
import { helpText, readCommand } from './command.js';

const FIELDS = {
  team_id: 'T1',
  user_id: 'U1',
  channel_id: 'C1',
  trigger_id: '1.2.x',
  response_url: 'https://hooks.slack.com/commands/1',
};

it.each([
  ['link ABCD-EFGH-2345-WXYZ', 'ABCDEFGH2345WXYZ'],
  ['  LINK  abcd efgh 2345 wxyz ', 'ABCDEFGH2345WXYZ'],
  ['link', ''],
  ['link ABCD-EFGH-2345-WXY', ''],
  ['link ABCD-EFGH-2345-WXY1', ''],
  [`link ${'A'.repeat(2_000)}`, ''],
])('%j has the code %j', (text, code) => {
  expect(readCommand({ ...FIELDS, text })).toMatchObject({ kind: 'link', code, account: { team: 'T1', user: 'U1' } });
});

it.each(['', 'help', 'unlink', 'approve 1'])('%j is answered with help', (text) => {
  expect(readCommand({ ...FIELDS, text })).toEqual({ kind: 'help' });
});

it('is none without who sends it', () => {
  expect(readCommand({ ...FIELDS, user_id: undefined })).toBeUndefined();
  expect(readCommand({ ...FIELDS, team_id: 't1' })).toBeUndefined();
});

it('answers mention nobody and link to nothing but the page', () => {
  const page = 'https://doorwarden.example.com/me';
  expect(answerText({ code: 'linked', principal: '<!channel> & <@U2>' }, page)).toBe(
    `You are &lt;!channel&gt; &amp; &lt;@U2&gt; here from now on. Undo it on your own page: ${page}`,
  );
  const refused = answerText({ code: 'slack_not_linked' }, page);
  expect(refused).toContain('(`slack_not_linked`)');
  expect(refused).toContain(page);
  expect(answerText({ code: 'no such code' }, page)).toContain('(`no such code`)');
  expect(helpText(page)).toContain(page);
});
