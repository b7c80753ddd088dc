import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig } from './load.js';
import { slackSettingsOf, slackVariables } from './slack.js';

const schema = z.object(slackVariables);
const WHOLE = {
  SLACK_BOT_TOKEN: 'xoxb-1-topsecret',
  SLACK_SIGNING_SECRET: 'topsecret',
  SLACK_TEAM_ID: 'T0123ABCD',
  SLACK_CHANNEL: 'C0123ABCD',
};

function settings(env: Record<string, string>) {
  return slackSettingsOf(loadConfig(schema, env));
}

function problems(env: Record<string, string>): readonly string[] {
  try {
    settings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

it('is not there unless something asks for it', () => {
  expect(settings({})).toBeUndefined();
  expect(settings({ SLACK_IDENTITY: 'verified-email', SLACK_SHOW_ROWS: 'true' })).toBeUndefined();
});

it('takes what belongs together', () => {
  expect(settings({ ...WHOLE, SLACK_USERGROUPS: 'dba=S01, security=S02', SLACK_SHOW_ROWS: 'true' })).toEqual({
    botToken: 'xoxb-1-topsecret',
    signingSecret: 'topsecret',
    appToken: null,
    teamId: 'T0123ABCD',
    channel: 'C0123ABCD',
    identity: 'link',
    showRows: true,
    usergroups: new Map([
      ['dba', 'S01'],
      ['security', 'S02'],
    ]),
    apiUrl: 'https://slack.com/api/',
  });
  const socket = { SLACK_BOT_TOKEN: 'xoxb-1-2', SLACK_APP_TOKEN: 'xapp-1-2', SLACK_TEAM_ID: 'T1' };
  expect(settings({ ...socket, SLACK_API_URL: 'http://127.0.0.1:9/api' })).toMatchObject({
    signingSecret: null,
    channel: null,
    showRows: false,
    apiUrl: 'http://127.0.0.1:9/api/',
  });
});

it.each([
  [{ SLACK_CHANNEL: 'C0123ABCD' }, ['SLACK_BOT_TOKEN', 'SLACK_TEAM_ID', 'SLACK_SIGNING_SECRET']],
  [{ SLACK_BOT_TOKEN: 'xoxb-1-topsecret' }, ['SLACK_TEAM_ID', 'SLACK_SIGNING_SECRET']],
  [{ ...WHOLE, SLACK_BOT_TOKEN: 'xoxp-1-topsecret' }, ['SLACK_BOT_TOKEN']],
  [{ ...WHOLE, SLACK_BOT_TOKEN: 'xoxb-1 topsecret' }, ['SLACK_BOT_TOKEN']],
  [{ ...WHOLE, SLACK_APP_TOKEN: 'topsecret' }, ['SLACK_APP_TOKEN']],
  [{ ...WHOLE, SLACK_TEAM_ID: 'example' }, ['SLACK_TEAM_ID']],
  [{ ...WHOLE, SLACK_CHANNEL: '#approvals' }, ['SLACK_CHANNEL']],
  [{ ...WHOLE, SLACK_IDENTITY: 'name' }, ['SLACK_IDENTITY']],
  [{ ...WHOLE, SLACK_SHOW_ROWS: 'yes' }, ['SLACK_SHOW_ROWS']],
  [{ ...WHOLE, SLACK_USERGROUPS: 'dba=@dba' }, ['SLACK_USERGROUPS']],
  [{ ...WHOLE, SLACK_USERGROUPS: 'dba=S01,dba=S02' }, ['SLACK_USERGROUPS']],
  [{ ...WHOLE, SLACK_API_URL: 'http://slack.example.com/api/' }, ['SLACK_API_URL']],
  [{ ...WHOLE, SLACK_API_URL: 'https://a:b@slack.com/api/' }, ['SLACK_API_URL']],
])('says what does not fit in %o, without a secret', (env, names) => {
  const found = problems(env);
  expect(found.map((problem) => problem.split(':')[0])).toEqual(names);
  expect(found.join()).not.toContain('topsecret');
});
