import { checkedView } from '../block-kit/check.js';
import type { Triggers } from '../interactions/triggers.js';
import { SlackRefusal } from '../refusal.js';
import type { Connections } from '../socket-mode/connections.js';
import type { SlackMessage } from '../workspace/messages.js';
import { userAnswer } from '../workspace/people.js';
import type { Workspace } from '../workspace/workspace.js';
import { argumentsOf, type MethodName } from './arguments.js';
import { checkedContent, noteMarkup } from './content.js';

/** What the methods work on. */
export interface MethodParts {
  readonly workspace: Workspace;
  readonly triggers: Triggers;
  readonly connections: Connections;
  /** The address of the local Slack. */
  readonly url: string;
}

type Answer = Readonly<Record<string, unknown>>;
type Method = (parts: MethodParts, given: unknown) => Answer;

const HISTORY_DEFAULT = 100;

/** The methods, as https://docs.slack.dev/reference/methods has them. Each throws SlackRefusal. */
export const METHODS: Readonly<Record<MethodName, Method>> = {
  'auth.test': ({ workspace: { parts }, url }) => ({
    url: `${url}/`,
    team: 'Local Slack',
    team_id: parts.teamId,
    user: 'doorwarden',
    user_id: parts.botUserId,
    bot_id: parts.botUserId,
  }),
  'apps.connections.open': ({ connections }) => ({ url: connections.makeAddress() }),
  'chat.postMessage': postMessage,
  'chat.update': updateMessage,
  'chat.postEphemeral': postEphemeral,
  'views.open': openView,
  'users.info': ({ workspace }, given) => {
    const person = workspace.findPerson(argumentsOf('users.info', given).user);
    if (person === undefined) throw new SlackRefusal('user_not_found');
    return { user: userAnswer(person, workspace.parts.scopes.includes('users:read.email')) };
  },
  'conversations.history': readHistory,
};

function postMessage({ workspace }: MethodParts, given: unknown): Answer {
  const { channel, thread_ts: threadTs, metadata = null, ...wanted } = argumentsOf('chat.postMessage', given);
  workspace.channel(channel);
  const content = checkedContent(workspace, wanted);
  if (threadTs !== undefined && workspace.messages.find(channel, threadTs) === undefined)
    throw new SlackRefusal('thread_not_found');
  const author = workspace.parts.botUserId;
  const message = workspace.messages.add({
    channel,
    threadTs: threadTs ?? null,
    author,
    ...content,
    metadata,
    onlyFor: null,
  });
  workspace.changed();
  return { channel, ts: message.ts, message: messageAnswer(message, true) };
}

/** New blocks replace all of the old ones; what is not named stays. */
function updateMessage({ workspace }: MethodParts, given: unknown): Answer {
  const { channel, ts, metadata, text, blocks } = argumentsOf('chat.update', given);
  workspace.channel(channel);
  const found = workspace.messages.find(channel, ts);
  if (found === undefined || found.onlyFor !== null) {
    workspace.violations.note('foreign-message', `an edit of ${ts} in ${channel}, which is not there`);
    throw new SlackRefusal('message_not_found');
  }
  if (found.author !== workspace.parts.botUserId) {
    workspace.violations.note('foreign-message', `an edit of ${ts} in ${channel}, which is of ${found.author}`);
    throw new SlackRefusal('cant_update_message');
  }
  const content = checkedContent(workspace, { text, blocks });
  const edited = workspace.messages.edit(found, {
    ...(text === undefined ? {} : { text: content.text }),
    ...(blocks === undefined ? {} : { blocks: content.blocks }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  workspace.changed();
  return { channel, ts, text: edited.text, message: messageAnswer(edited, true) };
}

function postEphemeral({ workspace }: MethodParts, given: unknown): Answer {
  const { channel, user, thread_ts: threadTs, ...wanted } = argumentsOf('chat.postEphemeral', given);
  workspace.channel(channel);
  const person = workspace.findPerson(user);
  if (person === undefined || person.isDeleted) throw new SlackRefusal('user_not_in_channel');
  const content = checkedContent(workspace, wanted);
  const author = workspace.parts.botUserId;
  const message = workspace.messages.add({
    channel,
    threadTs: threadTs ?? null,
    author,
    ...content,
    metadata: null,
    onlyFor: user,
  });
  workspace.changed();
  return { message_ts: message.ts };
}

function openView({ workspace, triggers }: MethodParts, given: unknown): Answer {
  const wanted = argumentsOf('views.open', given);
  const view = checkedView(wanted.view);
  noteMarkup(workspace, '', view.blocks);
  const modal = workspace.modals.open(triggers.useTrigger(wanted.trigger_id), view);
  workspace.changed();
  return { view: { id: modal.id, hash: modal.hash, ...modal.view } };
}

/** The newest first, without answers in threads; metadata only for those who ask for it. */
function readHistory({ workspace }: MethodParts, given: unknown): Answer {
  if (!workspace.parts.scopes.includes('channels:history')) throw new SlackRefusal('missing_scope');
  const wanted = argumentsOf('conversations.history', given);
  workspace.channel(wanted.channel);
  const { oldest = '0', latest = '9999999999.999999', limit = HISTORY_DEFAULT } = wanted;
  const inRange = ({ ts }: SlackMessage): boolean =>
    wanted.inclusive === true ? ts >= oldest && ts <= latest : ts > oldest && ts < latest;
  const found = workspace.messages
    .in(wanted.channel)
    .filter((message) => message.onlyFor === null && message.threadTs === null && inRange(message))
    .toReversed();
  return {
    messages: found.slice(0, limit).map((message) => messageAnswer(message, wanted.include_all_metadata === true)),
    has_more: found.length > limit,
  };
}

/** A message as Slack gives it to apps. */
export function messageAnswer(message: SlackMessage, withMetadata: boolean): Answer {
  return {
    type: 'message',
    user: message.author,
    bot_id: message.author,
    ts: message.ts,
    text: message.text,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    blocks: message.blocks.map((block, index) => ({ ...block, block_id: block.block_id ?? `b${index}` })),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.edits === 0 ? {} : { edited: { user: message.author, ts: message.ts } }),
  };
}
