import { type WebAPICallResult, WebClient } from '@slack/web-api';
import { beforeEach } from 'vitest';
import { QUIET } from './quiet-log.fixture.js';
import { type LocalSlack, type SlackOptions, startSlack } from './start-slack.js';

export const CHANNEL = 'C0QUESTIONS';
export const OTHER = 'C0OTHER';
export const PERSON = 'U0PERSON';
export const OPTIONS: SlackOptions = {
  channels: [
    { id: CHANNEL, name: 'questions' },
    { id: OTHER, name: 'other' },
    { id: 'C0CLOSED', name: 'closed', hasApp: false },
  ],
  people: [
    { id: PERSON, name: 'A person' },
    { id: 'U0GONE', name: 'Gone', isDeleted: true },
    { id: 'U0STRANGER', name: 'Stranger', isStranger: true, teamId: 'T0ELSEWHERE' },
    { id: 'U0UNSURE', name: 'Unsure', isEmailConfirmed: false },
    { id: 'U0GUEST', name: 'Guest', isRestricted: true },
    { id: 'U0NOMAIL', name: 'No e-mail', email: null },
  ],
  usergroups: ['S0DBA'],
  links: ['https://broker.example/'],
};

/** A workspace for each test, with a clock that only the test moves. */
export interface TriedSlack {
  readonly slack: LocalSlack;
  readonly client: WebClient;
  pass(ms: number): void;
  post(blocks: readonly object[], text?: string): Promise<unknown>;
  say(message: Record<string, unknown>): Promise<WebAPICallResult & { readonly ts?: string }>;
}

export function useTriedSlack(): TriedSlack {
  let nowMs = 1_800_000_000_000;
  let slack: LocalSlack | undefined;
  beforeEach(async () => {
    nowMs = 1_800_000_000_000;
    const started = await startSlack({ ...OPTIONS, nowMs: () => nowMs });
    slack = started;
    return () => started.close();
  });
  return {
    get slack() {
      if (slack === undefined) throw new Error('The local Slack has not started yet');
      return slack;
    },
    get client() {
      return clientOf(this.slack);
    },
    pass: (ms) => {
      nowMs += ms;
    },
    post(blocks, text = 'Approval needed') {
      return this.say({ channel: CHANNEL, text, blocks });
    },
    say(message) {
      return this.client.apiCall('chat.postMessage', message); // the linter takes postMessage for the one of windows
    },
  };
}

export function clientOf({ apiUrl, botToken }: LocalSlack, token = botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2_000,
    logger: QUIET,
  });
}

export const plain = (text: string) => ({ type: 'plain_text' as const, text });
export const section = (text: string) => ({ type: 'section' as const, text: plain(text) });
export const approve = {
  type: 'actions' as const,
  block_id: 'dw:1:1',
  elements: [{ type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: '{"a":"1","r":1}' }],
};

export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => new Error('it was taken'),
    (refused: unknown) => refused,
  );
  const data: unknown = Object(error).data;
  return Object(data).error ?? Object(error).message;
}
