import { z } from 'zod';
import { ConfigError } from './load.js';
import { oneOf, optionalSecret, wholeNumber } from './variables.js';

const ID_CHARACTERS_MAX = 30;
const USERGROUPS_MAX = 50;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** How a person of Slack is found to be a principal: by an explicit link, or by an e-mail address that both sides verified. */
export const SLACK_IDENTITIES = ['link', 'verified-email'] as const;
export type SlackIdentity = (typeof SLACK_IDENTITIES)[number];

/** Of Slack. The api takes decisions by them, the worker sends messages by them. */
export const slackVariables = {
  SLACK_BOT_TOKEN: optionalSecret({
    about: "The token of the bot in the workspace, xoxb-…; with it the broker shows approvals in Slack's channels.",
    otherwise: 'nothing is sent to Slack',
  }),
  SLACK_SIGNING_SECRET: optionalSecret({
    about: 'The signing secret of the app: proves that a call to /slack/ comes from Slack.',
    otherwise: 'the api has no /slack/',
  }),
  SLACK_APP_TOKEN: optionalSecret({
    about:
      'The token of the app, xapp-…, with connections:write: buttons come by Socket Mode, without a public address.',
    otherwise: 'no Socket Mode',
  }),
  SLACK_TEAM_ID: slackId(/^[TE][A-Z0-9]+$/, {
    mustBe: 'must be the id of a workspace, such as T0123ABCD',
    about: 'The id of the workspace; calls from other ones are refused.',
  }),
  SLACK_CHANNEL: slackId(/^[CG][A-Z0-9]+$/, {
    mustBe: 'must be the id of a channel, such as C0123ABCD, and not its name',
    about: 'The id of the channel for approvals whose policies name none with @slack.',
    otherwise: 'only channels that policies name',
  }),
  SLACK_IDENTITY: oneOf(SLACK_IDENTITIES, 'link', {
    about:
      'How a person in Slack is known: link, by a code from the page, or verified-email, by the address of an identity provider.',
  }),
  SLACK_SHOW_ROWS: oneOf(['true', 'false'], 'false', {
    about: "Whether messages have sample rows of the target: Slack stores them, so that is the operator's decision.",
  }),
  SLACK_USERGROUPS: usergroups(
    'Usergroups of Slack that are mentioned when an approval is reminded of, by groups of approvers: dba=S0123ABCD,security=S0456EFGH.',
  ),
  SLACK_API_URL: apiUrl('The Web API of Slack; another one is for tests and for a proxy.'),
};

/** Of Slack, and the api's alone. */
export const slackDecisionVariables = {
  SLACK_SIGN_IN_HOURS: wholeNumber(1, 720, 24, {
    about:
      'Hours for which what an identity provider said of a person at their last sign-in lets them decide in Slack; then they sign in to the page once.',
  }),
};

const slackSchema = z.object(slackVariables);
type SlackConfig = Readonly<z.output<typeof slackSchema>>;

/** Slack as it is set up. */
export interface SlackSettings {
  readonly botToken: string;
  /** Null: calls over HTTP are not taken. One of this and {@link appToken} is there. */
  readonly signingSecret: string | null;
  /** Null: no Socket Mode. */
  readonly appToken: string | null;
  readonly teamId: string;
  /** Null: only what policies name. */
  readonly channel: string | null;
  readonly identity: SlackIdentity;
  readonly showRows: boolean;
  /** Ids of usergroups by names of approvers' groups. */
  readonly usergroups: ReadonlyMap<string, string>;
  /** Ends with a slash. */
  readonly apiUrl: string;
}

/** Undefined when Slack is not set up. @throws ConfigError where the settings do not fit together */
export function slackSettingsOf(config: SlackConfig): SlackSettings | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = config;
  const { SLACK_TEAM_ID: teamId } = config;
  const isAsked = [botToken, signingSecret, appToken, teamId, config.SLACK_CHANNEL].some(
    (value) => value !== undefined,
  );
  if (!isAsked) return undefined;
  const problems = problemsOf(config);
  if (botToken === undefined || teamId === undefined || problems.length > 0) throw new ConfigError(problems);
  return {
    botToken,
    signingSecret: signingSecret ?? null,
    appToken: appToken ?? null,
    teamId,
    channel: config.SLACK_CHANNEL ?? null,
    identity: config.SLACK_IDENTITY,
    showRows: config.SLACK_SHOW_ROWS === 'true',
    usergroups: config.SLACK_USERGROUPS,
    apiUrl: config.SLACK_API_URL,
  };
}

/** No message shows anything of a secret. */
function problemsOf(config: SlackConfig): readonly string[] {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = config;
  const problems: string[] = [];
  if (botToken === undefined) problems.push('SLACK_BOT_TOKEN: is missing, while other settings of Slack are there.');
  else if (!isToken(botToken, 'xoxb-'))
    problems.push('SLACK_BOT_TOKEN: must be the token of a bot; it begins with xoxb-.');
  if (config.SLACK_TEAM_ID === undefined)
    problems.push('SLACK_TEAM_ID: is missing, while other settings of Slack are there.');
  if (appToken !== undefined && !isToken(appToken, 'xapp-'))
    problems.push('SLACK_APP_TOKEN: must be the token of an app; it begins with xapp-.');
  if (signingSecret === undefined && appToken === undefined)
    problems.push('SLACK_SIGNING_SECRET: is missing; Slack needs it, or SLACK_APP_TOKEN for Socket Mode.');
  return problems;
}

function isToken(token: string, prefix: string): boolean {
  return token.startsWith(prefix) && /^[\x21-\x7e]{6,500}$/.test(token);
}

interface SlackIdMeta {
  readonly mustBe: string;
  readonly about: string;
  readonly otherwise?: string;
}

function slackId(pattern: RegExp, { mustBe, ...meta }: SlackIdMeta) {
  return z
    .string()
    .optional()
    .refine((id) => id === undefined || (pattern.test(id) && id.length <= ID_CHARACTERS_MAX), { error: mustBe })
    .meta({ ...meta });
}

function usergroups(about: string) {
  return z
    .string()
    .default('')
    .transform((value, context): ReadonlyMap<string, string> => {
      const parts = value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
      const pairs = parts.map((part) => /^([a-z0-9][a-z0-9._-]{0,63})=(S[A-Z0-9]{1,29})$/.exec(part));
      const areTwice = new Set(pairs.map((pair) => pair?.[1])).size < pairs.length;
      if (!pairs.includes(null) && !areTwice && pairs.length <= USERGROUPS_MAX) {
        return new Map(pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]]] : [])));
      }
      context.addIssue({
        code: 'custom',
        message: `must be at most ${USERGROUPS_MAX} different groups with the id of a usergroup each, such as dba=S0123ABCD,security=S0456EFGH`,
      });
      return z.NEVER;
    })
    .meta({ about });
}

function apiUrl(about: string) {
  return z
    .string()
    .default('https://slack.com/api/')
    .refine(isApiUrl, {
      error: 'must be a URL that begins with https://, or with http:// on loopback, without a password',
    })
    .transform((url) => (url.endsWith('/') ? url : `${url}/`))
    .meta({ about });
}

function isApiUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
