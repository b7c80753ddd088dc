import type { SlackMessage } from '../workspace/messages.js';
import type { Workspace } from '../workspace/workspace.js';
import { drawBlocks } from './draw-blocks.js';
import { drawMrkdwn, type NameLookup } from './draw-texts.js';
import { html, type HtmlText } from './markup.js';

/** Who looks, and at which channel. */
export interface PageReader {
  readonly user: string;
  readonly channel: string;
}

/** The messages of a channel as one person sees them: those to others alone are not there. */
export function drawMessages(workspace: Workspace, { user, channel }: PageReader): readonly HtmlText[] {
  const seen = workspace.messages
    .in(channel)
    .filter(({ onlyFor }) => onlyFor === null || onlyFor === user)
    .toSorted((one, other) => (one.ts < other.ts ? -1 : 1));
  return seen
    .filter(({ threadTs }) => threadTs === null)
    .map((message) => {
      const replies = seen.filter(({ threadTs }) => threadTs === message.ts);
      return drawMessage(workspace, user, message, replies);
    });
}

function drawMessage(
  workspace: Workspace,
  user: string,
  message: SlackMessage,
  replies: readonly SlackMessage[],
): HtmlText {
  const { author, ts, onlyFor, edits } = message;
  const isApp = author === workspace.parts.botUserId;
  const name = workspace.findPerson(author)?.name ?? author;
  const key = ts.replace('.', '-');
  return html`<li
    class="message ${onlyFor === null ? '' : 'private'}"
    data-key="${message.channel} ${ts} ${edits} ${replies.map((reply) => reply.ts).join()} ${user}"
    id="m-${key}"
  >
    <span class="face ${isApp ? 'app' : ''}" aria-hidden="true">${name.slice(0, 1)}</span>
    <div class="says">
      ${onlyFor === null ? null : html`<p class="only">Only visible to you</p>`}
      <p class="who"><strong>${name}</strong>${isApp ? html` <span class="badge">APP</span>` : null} ${timeOf(ts)}</p>
      <div class="blocks">${drawContent(workspace, user, message, key)}</div>
      ${edits === 0 ? null : html`<p class="soft">(edited)</p>`}
      <p class="trouble" role="alert" data-trouble></p>
      ${onlyFor === null ? null : html`<p><button type="button" class="quiet" data-hide="${ts}">Dismiss message</button></p>`}
      ${replies.length === 0 ? null : drawReplies(workspace, user, replies)}
    </div>
  </li>`;
}

function drawReplies(workspace: Workspace, user: string, replies: readonly SlackMessage[]): HtmlText {
  return html`<div class="thread">
    <p class="count">${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}</p>
    <ul>
      ${replies.map((reply) => drawMessage(workspace, user, reply, []))}
    </ul>
  </div>`;
}

function drawContent(workspace: Workspace, user: string, message: SlackMessage, key: string): HtmlText {
  const nameOf = namesIn(workspace);
  if (message.blocks.length === 0) return html`<div class="block">${drawMrkdwn(message.text, nameOf)}</div>`;
  const clickFields = { user, channel: message.channel, ts: message.ts, edits: String(message.edits) };
  return drawBlocks(message.blocks, { nameOf, key, clickFields });
}

/** What people call what Slack knows by ids. */
export function namesIn(workspace: Workspace): NameLookup {
  return (kind, id) => {
    if (kind === 'user') return `@${workspace.findPerson(id)?.name ?? id}`;
    if (kind === 'channel') return `#${workspace.parts.channels.find((one) => one.id === id)?.name ?? id}`;
    return `@${workspace.parts.usergroupNames.get(id) ?? id}`;
  };
}

function timeOf(ts: string): HtmlText {
  const at = new Date(Number(ts) * 1000).toISOString();
  return html`<time datetime="${at}" data-format="{time}">${at.slice(11, 16)}</time>`;
}
