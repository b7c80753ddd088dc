import { z } from 'zod';
import { checkedView } from '../block-kit/check.js';
import type { MessageBlock } from '../block-kit/blocks.js';
import type { ActionPart } from '../block-kit/elements.js';
import { SlackRefusal } from '../refusal.js';
import { checkedContent, noteMarkup } from '../web-api/content.js';
import type { SlackMessage } from '../workspace/messages.js';
import type { OpenModal } from '../workspace/modals.js';
import type { Workspace } from '../workspace/workspace.js';
import type { Acknowledgement, Delivery, Tampering } from './delivery.js';
import { faultsOfInputs, initialValues, inputsOf, inputValues, type TypedValues } from './inputs.js';
import { blockActions, slashCommand, viewClosed, viewSubmission } from './payloads.js';
import type { Triggers } from './triggers.js';

/** A click of somebody on a button of a message as they see it, which may be an older one than there is now. */
export interface ButtonClick {
  readonly user: string;
  readonly message: SlackMessage;
  /** The button's `action_id`. */
  readonly action: string;
  /** Changes the payload before it is sent: what a forger would write. */
  readonly forge?: (payload: Readonly<Record<string, unknown>>) => object;
  readonly tampering?: Tampering;
}

/** A modal sent off by somebody, who is the one on whose screen it is unless something else is said. */
export interface ModalSubmission {
  readonly modal: OpenModal;
  /** By the labels of the fields; others keep what stands in them. */
  readonly typed?: TypedValues;
  readonly user?: string;
  readonly tampering?: Tampering;
}

const ephemeralAnswer = z.union([
  z.null(),
  z.object({
    response_type: z.literal('ephemeral').optional(),
    text: z.string().min(1),
    blocks: z.unknown().optional(),
  }),
]);
const submissionAnswer = z.union([
  z.null(),
  z.strictObject({ response_action: z.literal('clear') }),
  z.strictObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string().min(1).max(3000)) }),
  z.strictObject({ response_action: z.literal('update'), view: z.unknown() }),
]);

/** What people do in the workspace: click, fill in modals, type commands. */
export class Acts {
  readonly #workspace: Workspace;
  readonly #triggers: Triggers;
  readonly #delivery: Delivery;
  readonly #url: string;

  constructor(workspace: Workspace, triggers: Triggers, delivery: Delivery, url: string) {
    this.#workspace = workspace;
    this.#triggers = triggers;
    this.#delivery = delivery;
    this.#url = url;
  }

  /** @throws Error when the message has no such button */
  async click({ user, message, action, forge, tampering }: ButtonClick): Promise<Acknowledgement> {
    const found = elementIn(message.blocks, action);
    if (found === undefined) throw new Error(`The message ${message.ts} has no button ${action}`);
    const payload = blockActions(this.#workspace, { user, message, ...found }, this.#tickets(user, message));
    const acknowledgement = await this.#delivery.interaction(forge?.(payload) ?? payload, tampering);
    if (acknowledgement.status === 200 && acknowledgement.body !== null)
      this.#note(`a click was answered with a body: ${JSON.stringify(acknowledgement.body)}`);
    return acknowledgement;
  }

  /**
   * Sends a modal off, and does what the app answers: closes it, shows what is wrong, or shows another one.
   * @throws Error when Slack's own client would not send it, with the reason
   */
  async submit({ modal, typed = {}, user = modal.user, tampering }: ModalSubmission): Promise<Acknowledgement> {
    const all = { ...initialValues(modal.view), ...typed };
    const unknown = Object.keys(typed).filter((label) => !inputsOf(modal.view).some((one) => one.label.text === label));
    if (unknown.length > 0) throw new Error(`The modal has no field "${unknown.join('", "')}"`);
    const faults = Object.values(faultsOfInputs(modal.view, all));
    if (faults.length > 0) throw new Error(faults.join(' '));
    const submission = { user, modal, values: inputValues(modal.view, all) };
    const payload = viewSubmission(this.#workspace, submission, this.#triggers.makeTrigger(user));
    const acknowledgement = await this.#delivery.interaction(payload, tampering);
    if (acknowledgement.status === 200) this.#settle(modal, acknowledgement.body);
    return acknowledgement;
  }

  /** Closes a modal; the app is told where it asked for that. */
  async dismiss(modal: OpenModal): Promise<void> {
    this.#workspace.modals.close(modal);
    this.#workspace.changed();
    if (modal.view.notify_on_close === true)
      await this.#delivery.interaction(viewClosed(this.#workspace, modal.user, modal));
  }

  /** Types the app's command; what comes back is shown to that person alone. */
  async command(
    user: string,
    text: string,
    { channel = this.#workspace.parts.channels[0]?.id ?? '', tampering }: CommandOptions = {},
  ): Promise<Acknowledgement> {
    const fields = slashCommand(this.#workspace, { user, channel, text }, this.#tickets(user, { channel, ts: null }));
    const acknowledgement = await this.#delivery.command(fields, tampering);
    if (acknowledgement.status !== 200) return acknowledgement;
    const answer = ephemeralAnswer.safeParse(
      typeof acknowledgement.body === 'string' ? { text: acknowledgement.body } : acknowledgement.body,
    );
    if (!answer.success) this.#note(`a command was answered with ${JSON.stringify(acknowledgement.body)}`);
    else if (answer.data !== null) this.#show(user, channel, answer.data);
    return acknowledgement;
  }

  /** Takes an answer at a response URL. @throws SlackRefusal */
  respond(path: string, given: unknown): void {
    const { user, channel, messageTs } = this.#triggers.useResponse(path);
    const answer = responseAnswer.parse(given);
    const message = messageTs === null ? undefined : this.#workspace.messages.find(channel ?? '', messageTs);
    if (answer.delete_original === true) {
      if (message !== undefined) this.#workspace.messages.remove(message);
    } else if (answer.replace_original === true) {
      if (message === undefined) throw new SlackRefusal('message_not_found');
      this.#workspace.messages.edit(message, checkedContent(this.#workspace, answer));
    } else {
      this.#show(answer.response_type === 'in_channel' ? null : user, channel ?? '', answer);
    }
    this.#workspace.changed();
  }

  #show(
    onlyFor: string | null,
    channel: string,
    given: { readonly text?: string | undefined; readonly blocks?: unknown },
  ): void {
    const author = this.#workspace.parts.botUserId;
    const content = checkedContent(this.#workspace, given);
    this.#workspace.messages.add({ channel, threadTs: null, author, ...content, metadata: null, onlyFor });
    this.#workspace.changed();
  }

  #settle(modal: OpenModal, body: unknown): void {
    const answer = submissionAnswer.safeParse(body);
    if (!answer.success) return this.#note(`a submission was answered with ${JSON.stringify(body)}`);
    const { data } = answer;
    if (data?.response_action === 'errors') {
      const known = inputsOf(modal.view).map(({ block_id: blockId }) => blockId);
      const unknown = Object.keys(data.errors).filter((blockId) => !known.includes(blockId));
      if (unknown.length > 0) this.#note(`errors for fields that are not there: ${unknown.join(', ')}`);
      this.#workspace.modals.change(modal, { errors: data.errors });
    } else if (data?.response_action === 'update') {
      this.#workspace.modals.change(modal, { view: this.#view(data.view), errors: {} });
    } else {
      this.#workspace.modals.close(modal);
    }
    this.#workspace.changed();
  }

  #view(given: unknown): OpenModal['view'] {
    const view = checkedView(given);
    noteMarkup(this.#workspace, '', view.blocks);
    return view;
  }

  #tickets(user: string, { channel, ts }: { readonly channel: string; readonly ts: string | null }) {
    const responseUrl = `${this.#url}${this.#triggers.makeResponse(user, channel, ts)}`;
    return { triggerId: this.#triggers.makeTrigger(user), responseUrl };
  }

  #note(what: string): void {
    this.#workspace.violations.note('acknowledgement', what);
  }
}

export interface CommandOptions {
  readonly channel?: string;
  readonly tampering?: Tampering;
}

const responseAnswer = z.strictObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
});

function elementIn(
  blocks: readonly MessageBlock[],
  action: string,
): { readonly blockId: string; readonly element: ActionPart } | undefined {
  for (const [index, block] of blocks.entries()) {
    const elements = block.type === 'actions' ? block.elements : block.type === 'section' ? [block.accessory] : [];
    const element = elements.find((one) => one?.action_id === action);
    if (element !== undefined) return { blockId: block.block_id ?? `b${index}`, element };
  }
  return undefined;
}
