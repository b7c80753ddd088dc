import type { ActionPart } from '../block-kit/elements.js';
import type { SlackMessage } from '../workspace/messages.js';
import type { OpenModal } from '../workspace/modals.js';
import type { Workspace } from '../workspace/workspace.js';
import { messageAnswer } from '../web-api/methods.js';

type Payload = Readonly<Record<string, unknown>>;

/** Fields of every payload: who acted, and in which workspace, by https://docs.slack.dev/reference/interaction-payloads. */
function actorIn(workspace: Workspace, userId: string): Payload {
  const { teamId, appId } = workspace.parts;
  const person = workspace.findPerson(userId);
  const name = (person?.name ?? userId).toLowerCase().replaceAll(' ', '.');
  return {
    // Of a stranger it is the workspace that they come from.
    team: { id: teamId, domain: 'local' },
    user: { id: userId, username: name, name, team_id: person?.teamId ?? teamId },
    api_app_id: appId,
    token: 'deprecated', // verification tokens; the signature counts
    is_enterprise_install: false,
    enterprise: null,
  };
}

export interface ActionTickets {
  readonly triggerId: string;
  readonly responseUrl: string;
}

/** A click on an element of a message. */
export function blockActions(
  workspace: Workspace,
  click: {
    readonly user: string;
    readonly message: SlackMessage;
    readonly blockId: string;
    readonly element: ActionPart;
  },
  { triggerId, responseUrl }: ActionTickets,
): Payload {
  const { message, blockId, element } = click;
  const channel = workspace.parts.channels.find(({ id }) => id === message.channel);
  return {
    type: 'block_actions',
    ...actorIn(workspace, click.user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: message.onlyFor !== null,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    trigger_id: triggerId,
    channel: { id: message.channel, name: channel?.name ?? 'directmessage' },
    message: messageAnswer(message, true),
    state: { values: {} },
    response_url: responseUrl,
    actions: [{ ...actionOf(element), block_id: blockId, action_ts: actionTs(workspace) }],
  };
}

/** What somebody typed or chose, by block and action. */
export type InputValues = Readonly<Record<string, Readonly<Record<string, Payload>>>>;

/** A modal that somebody sent off. */
export function viewSubmission(
  workspace: Workspace,
  { user, modal, values }: { readonly user: string; readonly modal: OpenModal; readonly values: InputValues },
  triggerId: string,
): Payload {
  return {
    type: 'view_submission',
    ...actorIn(workspace, user),
    trigger_id: triggerId,
    view: { ...viewIn(workspace, modal), state: { values } },
    response_urls: [],
  };
}

/** A modal that somebody closed without sending it off. */
export function viewClosed(workspace: Workspace, user: string, modal: OpenModal): Payload {
  return { type: 'view_closed', ...actorIn(workspace, user), view: viewIn(workspace, modal), is_cleared: false };
}

/** A command that somebody typed. */
export function slashCommand(
  workspace: Workspace,
  typed: { readonly user: string; readonly channel: string; readonly text: string },
  { triggerId, responseUrl }: ActionTickets,
): Readonly<Record<string, string>> {
  const { teamId, appId, command, channels } = workspace.parts;
  return {
    token: 'deprecated',
    team_id: workspace.findPerson(typed.user)?.teamId ?? teamId,
    team_domain: 'local',
    channel_id: typed.channel,
    channel_name: channels.find(({ id }) => id === typed.channel)?.name ?? 'directmessage',
    user_id: typed.user,
    user_name: typed.user.toLowerCase(),
    command,
    text: typed.text,
    api_app_id: appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  };
}

function viewIn({ parts }: Workspace, { id, hash, view }: OpenModal): Payload {
  return {
    ...view,
    id,
    hash,
    team_id: parts.teamId,
    root_view_id: id,
    previous_view_id: null,
    app_id: parts.appId,
    bot_id: parts.botUserId,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    external_id: view.external_id ?? '',
  };
}

function actionOf(element: ActionPart): Payload {
  const { type, action_id: actionId = '' } = element;
  if (element.type !== 'button') return { type, action_id: actionId };
  return {
    type,
    action_id: actionId,
    text: element.text,
    ...(element.value === undefined ? {} : { value: element.value }),
  };
}

function actionTs(workspace: Workspace): string {
  return (workspace.parts.nowMs() / 1000).toFixed(6);
}
