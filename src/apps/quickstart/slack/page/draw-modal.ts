import type { InputBlock } from '../block-kit/blocks.js';
import type { OpenModal } from '../workspace/modals.js';
import { drawBlocks } from './draw-blocks.js';
import type { NameLookup } from './draw-texts.js';
import { html, type HtmlText, type HtmlPart } from './markup.js';

/** A modal as it stands over the page; what was typed in it before stays, the browser sees to that. */
export function drawModal({ id, hash, view, errors }: OpenModal, nameOf: NameLookup): HtmlText {
  return html`<dialog id="modal" data-key="${id} ${hash}" aria-labelledby="modal-title" class="modal">
    <form data-act="submit">
      <input type="hidden" name="modal" value="${id}" />
      <header>
        <h2 id="modal-title">${view.title.text}</h2>
        <button type="button" class="shut" data-dismiss="${id}" aria-label="Close">×</button>
      </header>
      <div class="fills">
        ${view.blocks.map((block) =>
          block.type === 'input'
            ? drawInput(block, errors[block.block_id ?? ''])
            : drawBlocks([block], { nameOf, key: id, clickFields: null }),
        )}
      </div>
      <p class="trouble" role="alert" data-trouble></p>
      <footer>
        <button type="button" class="button" data-dismiss="${id}">${view.close?.text ?? 'Cancel'}</button>
        ${view.submit === undefined ? null : html`<button class="button primary">${view.submit.text}</button>`}
      </footer>
    </form>
  </dialog>`;
}

function drawInput(input: InputBlock, error: string | undefined): HtmlText {
  const { label, hint, optional } = input;
  const id = `field-${input.block_id ?? ''}`;
  const explained = [...(hint === undefined ? [] : [`${id}-hint`]), ...(error === undefined ? [] : [`${id}-error`])];
  return html`<div class="field">
    <label for="${id}">${label.text}${optional === true ? html`<span class="soft"> (optional)</span>` : null}</label>
    ${drawControl(input, id, html`aria-describedby="${explained.join(' ')}" ${error === undefined ? null : html`aria-invalid="true"`}`)}
    ${error === undefined ? null : html`<p class="trouble" id="${id}-error">${error}</p>`}
    ${hint === undefined ? null : html`<p class="soft" id="${id}-hint">${hint.text}</p>`}
  </div>`;
}

function drawControl({ label, element }: InputBlock, id: string, described: HtmlText): HtmlText {
  const name = html`id="${id}" name="${`typed:${label.text}`}" ${described}`;
  const focus = element.focus_on_load === true ? html`autofocus` : null;
  if (element.type === 'plain_text_input') {
    const { initial_value: value = '', max_length: max = 3000, placeholder } = element;
    const fields: HtmlPart = html`${name} maxlength="${max}" placeholder="${placeholder?.text ?? ''}" ${focus}`;
    if (element.multiline === true) return html`<textarea ${fields} rows="4">${value}</textarea>`;
    return html`<input type="text" ${fields} value="${value}" />`;
  }
  if (element.type === 'number_input')
    return html`<input inputmode="numeric" ${name} value="${element.initial_value ?? ''}" ${focus} />`;
  const chosen =
    element.type === 'checkboxes'
      ? (element.initial_options ?? []).map(({ value }) => value)
      : [element.initial_option?.value];
  const options = element.options.map(
    ({ text, value }) =>
      html`<option value="${value}" ${chosen.includes(value) ? html`selected` : null}>${text.text}</option>`,
  );
  const isOpen = element.type !== 'checkboxes' && element.initial_option === undefined;
  return html`<select ${name} ${focus} ${element.type === 'checkboxes' ? html`multiple` : null}>
    ${isOpen ? html`<option value=""></option>` : null}${options}
  </select>`;
}
