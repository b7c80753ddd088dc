import type { SlackPerson } from '../workspace/people.js';
import type { Workspace } from '../workspace/workspace.js';
import { drawMessages, namesIn, type PageReader } from './draw-messages.js';
import { drawModal } from './draw-modal.js';
import { html, type HtmlText } from './markup.js';

/** The document; its parts are drawn again after each change. */
export function drawPage(workspace: Workspace, reader: PageReader): HtmlText {
  const channel = workspace.parts.channels.find(({ id }) => id === reader.channel);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>#${channel?.name ?? ''} · Local Slack</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page/slack.css" />
        <script type="module" src="/page/slack.js"></script>
      </head>
      <body>
        <div class="frame">
          ${drawSidebar(workspace, reader)}
          <main>
            <header class="channel">
              <h1># ${channel?.name ?? ''}</h1>
              <p class="soft">A stand-in on this machine: it shows what Slack would show.</p>
            </header>
            <div id="scroll" class="scroll" tabindex="0" role="region" aria-label="Messages">
              <p class="start" id="empty">Nothing was posted here yet. Questions of the broker appear by themselves.</p>
              <ul id="messages" class="messages" aria-live="polite"></ul>
            </div>
            <form class="composer" data-act="type">
              <input type="hidden" name="user" value="${reader.user}" />
              <input type="hidden" name="channel" value="${reader.channel}" />
              <label class="unseen" for="typed">Message or command</label>
              <input
                id="typed"
                name="text"
                autocomplete="off"
                maxlength="3000"
                placeholder="Message, or a command: ${workspace.parts.command} help"
              />
              <button class="button primary">Send</button>
              <p class="trouble" role="alert" data-trouble></p>
            </form>
          </main>
        </div>
        <div id="modals"></div>
      </body>
    </html>`;
}

/** What changes: each message apart, so that only those are drawn again that are others now. */
export function drawChanges(workspace: Workspace, reader: PageReader): ViewAnswer {
  const modal = workspace.modals.ofUser(reader.user).at(-1);
  return {
    messages: drawMessages(workspace, reader).map(({ text }) => text),
    modal: modal === undefined ? null : drawModal(modal, namesIn(workspace)).text,
  };
}

export interface ViewAnswer {
  /** HTML of each message, the oldest first. */
  readonly messages: readonly string[];
  readonly modal: string | null;
}

function drawSidebar({ parts: { channels }, people }: Workspace, reader: PageReader): HtmlText {
  const to = (change: Partial<PageReader>): string => `/?${new URLSearchParams({ ...reader, ...change }).toString()}`;
  return html`<nav aria-label="Workspace">
    <p class="workspace">Local Slack</p>
    <div class="group">
      <h2 id="channels">Channels</h2>
      <ul aria-labelledby="channels">
        ${channels.map(
          ({ id, name }) =>
            html`<li><a href="${to({ channel: id })}" ${current(id === reader.channel)}># ${name}</a></li>`,
        )}
      </ul>
    </div>
    <div class="group">
      <h2 id="people">You are</h2>
      <ul aria-labelledby="people">
        ${people
          .filter(({ isDeleted }) => !isDeleted)
          .map(
            (person) =>
              html`<li>
                <a href="${to({ user: person.id })}" ${current(person.id === reader.user)}>
                  ${person.name}${wordsOf(person) === '' ? null : html`<small>${wordsOf(person)}</small>`}
                </a>
              </li>`,
          )}
      </ul>
    </div>
  </nav>`;
}

function current(isCurrent: boolean): HtmlText | null {
  return isCurrent ? html`aria-current="true"` : null;
}

function wordsOf({ isRestricted, isStranger, note }: SlackPerson): string {
  return [isRestricted ? 'guest' : '', isStranger ? 'of another workspace' : '', note]
    .filter((one) => one !== '')
    .join(', ');
}
