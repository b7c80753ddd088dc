import { SlackCalls } from '../../channels/slack/receive/slack-calls.js';
import type { SlackSettings } from '../../config/slack.js';
import type { SlackAccount } from '../../domain/slack-asked.js';
import { accountText } from '../../domain/slack-asked.js';
import { BrokerError } from '../../kernel/errors.js';
import { ValueSigner } from '../../messaging/value-signer.js';
import { type AllowanceName, sizeOf } from '../limits/allowances.js';
import { SlackForms } from './slack-forms.js';
import { SlackInteractions } from './slack-interactions.js';
import { SlackCallers } from './slack-callers.js';
import { SlackReceiver } from './slack-receiver.js';
import { SlackService } from './slack.service.js';
import { SocketMode } from './socket-mode.js';
import type { SlackParts } from './slack-parts.js';

/** The name under which the apis share the key that signs forms. */
const FORM_SECRET = 'slack-forms';

/** Puts together what receives from Slack. */
export async function receivingOf(parts: SlackParts, settings: SlackSettings): Promise<SlackService> {
  const { interactions, counts, address, log, clock } = parts;
  const calls = new SlackCalls(settings);
  const seal = new ValueSigner(await parts.secrets.obtain(FORM_SECRET));
  const ownPage = (): string => address.of('/me');
  const worker = workerOf(parts, { settings, calls, seal, ownPage });
  const mayAct = mayActOf(parts);
  const reading = { seal, team: settings.teamId };
  const receiver = new SlackReceiver({ reading, interactions, worker, mayAct, ownPage, counts });
  const { appToken, apiUrl, signingSecret } = settings;
  const standing = (count: number): void => counts.standing(count);
  const sockets = appToken === null ? null : new SocketMode({ appToken, apiUrl, receiver, standing, log });
  return new SlackService({ receiver, signingSecret, sockets, interactions, worker, clock, log });
}

interface Made {
  readonly settings: SlackSettings;
  readonly calls: SlackCalls;
  readonly seal: ValueSigner;
  readonly ownPage: () => string;
}

function workerOf(parts: SlackParts, { settings, calls, seal, ownPage }: Made): SlackInteractions {
  const { config, stored, principals, persons, providers, mappings, clock } = parts;
  const signInHours = config.SLACK_SIGN_IN_HOURS;
  const people = new SlackCallers({
    settings,
    signInHours,
    calls,
    links: stored,
    principals,
    persons,
    providers,
    mappings,
    clock,
  });
  const { interactions, approvals, links, record, counts, log } = parts;
  const forms = new SlackForms(people, approvals, calls, seal, settings.identity === 'link');
  const takeDecision = async ({ id }: { readonly id: string }): Promise<void> => {
    if (!(await isTaken(parts, 'decisions', id))) throw new BrokerError('too_many_requests');
  };
  return new SlackInteractions({
    interactions,
    people,
    approvals,
    forms,
    links,
    calls,
    record,
    takeDecision,
    ownPage,
    counts,
    log,
  });
}

/** The workspace as a whole, and each account by itself as often as a principal may decide. */
function mayActOf(parts: SlackParts) {
  return async (account: SlackAccount): Promise<boolean> =>
    (await isTaken(parts, 'slack', account.team)) && (await isTaken(parts, 'decisions', accountText(account)));
}

async function isTaken({ buckets, config }: SlackParts, name: AllowanceName, owner: string): Promise<boolean> {
  const size = sizeOf(name, config);
  return size === undefined || (await buckets.take(name, owner, size)).isTaken;
}
