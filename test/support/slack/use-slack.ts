import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type LocalSlack, type SlackOptions, startSlack } from '../../../src/apps/quickstart/slack/start-slack.js';

/** A local Slack for the tests of a file. A test that leaves a violation fails. */
export interface SlackForTests {
  readonly slack: LocalSlack;
}

/** Starts a workspace before the first test, and ends it after the last one. */
export function useSlack(options: SlackOptions = {}): SlackForTests {
  let started: LocalSlack | undefined;
  const slack = (): LocalSlack => {
    if (started === undefined) throw new Error('The local Slack has not started yet');
    return started;
  };
  beforeAll(async () => {
    started = await startSlack({ ...ORDINARY, ...options });
  });
  afterEach(() => {
    slack().faults.clear();
    expect(slack().violations.all).toEqual([]);
  });
  afterAll(() => started?.close());
  return {
    get slack() {
      return slack();
    },
  };
}

/** Channel and people that most tests need. */
export const APPROVALS = 'C0APPROVALS';
export const FIRST = 'U0FIRST';
export const SECOND = 'U0SECOND';
export const OUTSIDER = 'U0OUTSIDER';

const ORDINARY: SlackOptions = {
  links: ['http://127.0.0.1:'], // the api's own page
  channels: [{ id: APPROVALS, name: 'approvals' }],
  people: [
    { id: FIRST, name: 'First approver' },
    { id: SECOND, name: 'Second approver' },
    { id: OUTSIDER, name: 'Somebody else' },
  ],
};

/** What a worker and an api need to use this workspace; the way in for clicks is the caller's. */
export function slackEnvironment(slack: LocalSlack): Readonly<Record<string, string>> {
  return {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_TEAM_ID: slack.teamId,
    SLACK_CHANNEL: APPROVALS,
  };
}
