import { z } from 'zod';
import { principalNameOf } from '../people.js';
import { freePort, LOOPBACK } from '../ports.js';
import { expect } from '../report.js';
import { buttonsOf } from './block-kit/read-out.js';
import { servePage } from './page/serve-page.js';
import { type LocalSlack, startSlack } from './start-slack.js';

export const CHANNEL = 'C0APPROVALS';
export const APPROVER = 'U0APPROVER';
const SHOWN_MS_MAX = 30_000;
const LINKED_MS_MAX = 15_000;

/** The workspace of the quickstart, and what the broker must be told to use it. */
export interface QuickstartSlack {
  readonly slack: LocalSlack;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts it. The api gets a port that is known before it starts: messages have links to it. */
export async function startQuickstartSlack(): Promise<QuickstartSlack> {
  const port = process.env['API_PORT'] ?? String(await freePort());
  const publicUrl = process.env['PUBLIC_URL'] ?? `http://${LOOPBACK}:${port}`;
  const slack = await startSlack(
    {
      channels: [{ id: CHANNEL, name: 'approvals' }],
      people: [
        { id: APPROVER, name: 'Approver', note: `linked to ${principalNameOf('approver')}` },
        { id: 'U0SOMEBODY', name: 'Somebody else', note: 'not linked to a principal' },
        { id: 'U0GUEST', name: 'Guest', isRestricted: true },
      ],
      links: [publicUrl],
    },
    servePage,
  );
  const environment = {
    API_PORT: port,
    PUBLIC_URL: publicUrl,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_TEAM_ID: slack.teamId,
    SLACK_CHANNEL: CHANNEL,
    SLACK_IDENTITY: 'link',
  };
  return { slack, environment };
}

/** Where a person reads the messages, as the approver. */
export function pageOf({ url }: LocalSlack): string {
  return `${url}/?${new URLSearchParams({ user: APPROVER, channel: CHANNEL }).toString()}`;
}

const madeCode = z.object({ command: z.string() });

/** Who is to be linked with whom. */
export interface LinkWish {
  readonly api: string;
  /** The account of Slack. */
  readonly user: string;
  readonly principal: string;
}

/**
 * Links somebody as people do it: signs in with the link, makes a code on the own page, and sends it from Slack. From then on
 * clicks go to that api.
 * @param signInLink of the principal; works once
 */
export async function linkPerson(
  slack: LocalSlack,
  { api, user, principal }: LinkWish,
  signInLink: string,
): Promise<void> {
  slack.deliverBy({
    kind: 'http',
    interactivity: `${api}/slack/interactivity`,
    commands: `${api}/slack/commands`,
  });
  const signedIn = await fetch(signInLink, { redirect: 'manual' });
  const cookie = signedIn.headers.getSetCookie().find((text) => text.startsWith('__Host-doorwarden='));
  expect(cookie !== undefined, `the link signs nobody in: ${signedIn.status}`);
  const answer = await fetch(`${api}/v1/me/slack-link`, {
    method: 'POST',
    headers: { cookie: cookie.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin', 'x-doorwarden': '1' },
  });
  expect(answer.status === 201, `the api makes no code: ${answer.status} ${await answer.clone().text()}`);
  const { command } = madeCode.parse(await answer.json());
  await slack.command(user, command.split(' ').slice(1).join(' '));
  const isTold = (): true | undefined =>
    slack.ephemerals(user).some(({ text }) => text.includes(principal)) || undefined;
  await slack.waitFor(isTold, 'the answer to the code', LINKED_MS_MAX);
}

/** Waits until a question with buttons stands in the channel. @throws Error when none comes, or the broker did what Slack forbids */
export async function seeQuestion(slack: LocalSlack): Promise<string> {
  const found = await slack.waitFor(
    () => slack.messages(CHANNEL).find(({ blocks }) => buttonsOf(blocks).some((one) => one.action_id === 'approve')),
    'a question in the channel',
    SHOWN_MS_MAX,
  );
  expectNoViolation(slack);
  return buttonsOf(found.blocks)
    .map(({ text }) => text.text)
    .join(', ');
}

/** Waits until no message of the channel asks any more, and there are so many. @throws Error as above */
export async function seeAnswered(slack: LocalSlack, count: number): Promise<void> {
  await slack.waitFor(
    () => {
      const messages = slack.messages(CHANNEL).filter(({ threadTs }) => threadTs === null);
      const asking = messages.filter(({ blocks }) => buttonsOf(blocks).some((one) => one.action_id === 'approve'));
      return (messages.length >= count && asking.length === 0) || undefined;
    },
    'the outcome of each question in the channel',
    SHOWN_MS_MAX,
  );
  expectNoViolation(slack);
}

function expectNoViolation({ violations }: LocalSlack): void {
  const said = violations.all.map(({ kind, what }) => `${kind}: ${what}`).join('; ');
  expect(violations.all.length === 0, `the broker did what Slack forbids: ${said}`);
}
