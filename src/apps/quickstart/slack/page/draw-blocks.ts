import type { MessageBlock } from '../block-kit/blocks.js';
import type { ActionPart, ButtonPart } from '../block-kit/elements.js';
import { drawLink, drawRichText, drawText, type NameLookup } from './draw-texts.js';
import { html, type HtmlText } from './markup.js';

/** Where blocks are drawn: the names in it, and what makes a button work. */
export interface BlockPlace {
  readonly nameOf: NameLookup;
  /** Names the message in ids of elements. */
  readonly key: string;
  /** Fields that a click sends along; null where nothing can be clicked. */
  readonly clickFields: Readonly<Record<string, string>> | null;
}

export function drawBlocks(blocks: readonly MessageBlock[], place: BlockPlace): HtmlText {
  return html`${blocks.map((block) => drawBlock(block, place))}`;
}

function drawBlock(block: MessageBlock, place: BlockPlace): HtmlText {
  const { nameOf } = place;
  switch (block.type) {
    case 'header':
      return html`<h3 class="block">${drawText(block.text, nameOf)}</h3>`;
    case 'section':
      return drawSection(block, place);
    case 'context':
      return html`<div class="block context">
        ${block.elements.map((one) => (one.type === 'image' ? one.alt_text : html`<span>${drawText(one, nameOf)}</span>`))}
      </div>`;
    case 'actions':
      return html`<div class="block actions">${block.elements.map((element) => drawAction(element, place))}</div>`;
    case 'rich_text':
      return html`<div class="block">${drawRichText(block, nameOf)}</div>`;
    case 'divider':
      return html`<hr />`;
    case 'table':
      return drawTable(block, nameOf);
    case 'markdown':
      return html`<div class="block">${block.text}</div>`;
    case 'image':
      return html`<p class="block">${drawLink(block.image_url, block.alt_text)}</p>`;
    default:
      return html`<p class="block">${block.label.text}</p>`; // fields are drawn by modals
  }
}

function drawSection(
  { text, fields, accessory }: Extract<MessageBlock, { type: 'section' }>,
  place: BlockPlace,
): HtmlText {
  return html`<div class="block section">
    <div>
      ${text === undefined ? null : html`<div>${drawText(text, place.nameOf)}</div>`}
      ${
        fields === undefined
          ? null
          : html`<div class="fields">${fields.map((field) => html`<div>${drawText(field, place.nameOf)}</div>`)}</div>`
      }
    </div>
    ${accessory === undefined ? null : drawAction(accessory, place)}
  </div>`;
}

function drawTable({ rows }: Extract<MessageBlock, { type: 'table' }>, nameOf: NameLookup): HtmlText {
  return html`<div class="block scrolls" tabindex="0" role="group">
    <table>
      ${rows.map(
        (cells) =>
          html`<tr>
            ${cells.map((cell) => html`<td>${cell.type === 'rich_text' ? drawRichText(cell, nameOf) : cell.text}</td>`)}
          </tr>`,
      )}
    </table>
  </div>`;
}

function drawAction(element: ActionPart, place: BlockPlace): HtmlText {
  if (element.type !== 'button') return html`<span class="unknown">${element.type}</span>`;
  if (place.clickFields === null) return html`<button type="button" disabled>${element.text.text}</button>`;
  const id = `${place.key}-${element.action_id ?? ''}`;
  const label = drawText(element.text, place.nameOf);
  const looks = element.style === undefined ? 'button' : `button ${element.style}`;
  const named = html`aria-label="${element.accessibility_label ?? element.text.text}"`;
  const send = html`<form data-act="click" ${element.confirm === undefined ? null : html`data-confirm="confirm-${id}"`}>
    ${Object.entries({ ...place.clickFields, action: element.action_id ?? '' }).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    ${
      element.url === undefined
        ? html`<button class="${looks}" ${named}>${label}</button>`
        : html`<a class="${looks}" ${named} href="${safeUrl(element.url)}" target="_blank" rel="noreferrer" data-sends
            >${label}</a
          >`
    }
  </form>`;
  return html`${send}${drawConfirm(element, id, place.nameOf)}`;
}

/** What Slack asks once more before it sends a click. */
function drawConfirm({ confirm, text }: ButtonPart, id: string, nameOf: NameLookup): HtmlText | null {
  if (confirm === undefined) return null;
  const looks = confirm.style === 'danger' ? 'button danger' : 'button primary';
  return html`<dialog id="confirm-${id}" aria-labelledby="confirm-title-${id}" class="asks">
    <form method="dialog">
      <h2 id="confirm-title-${id}">${confirm.title?.text ?? text.text}</h2>
      <p>${drawText(confirm.text, nameOf)}</p>
      <div class="ends">
        <button class="button" value="no">${confirm.deny?.text ?? 'Cancel'}</button>
        <button class="${looks}" value="yes">${confirm.confirm?.text ?? 'Yes'}</button>
      </div>
    </form>
  </dialog>`;
}

function safeUrl(url: string): string {
  return /^https?:\/\//.test(url) ? url : '#';
}
