import { z } from 'zod';
import { accessoryElement, actionElement, imageElement, inputElement } from './elements.js';
import { richTextBlock } from './rich-text.js';
import { anyText, blockId, link, mrkdwnText, plainText } from './texts.js';

const header = z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(150) });
const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: blockId,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: accessoryElement.optional(),
    expand: z.boolean().optional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, { message: 'text or fields is required' });
const divider = z.strictObject({ type: z.literal('divider'), block_id: blockId });
const context = z.strictObject({
  type: z.literal('context'),
  block_id: blockId,
  elements: z
    .array(z.discriminatedUnion('type', [plainText(3000), mrkdwnText(3000), imageElement]))
    .min(1)
    .max(10),
});
const actions = z.strictObject({
  type: z.literal('actions'),
  block_id: blockId,
  elements: z.array(actionElement).min(1).max(25),
});
const image = z.strictObject({
  type: z.literal('image'),
  block_id: blockId,
  image_url: link,
  alt_text: z.string().min(1).max(2000),
  title: plainText(2000).optional(),
});
const input = z.strictObject({
  type: z.literal('input'),
  block_id: blockId,
  label: plainText(2000),
  element: inputElement,
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});
const markdown = z.strictObject({
  type: z.literal('markdown'),
  block_id: blockId,
  text: z.string().min(1).max(12_000),
});
const tableCell = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) }),
  z.strictObject({ type: z.literal('raw_number'), value: z.number(), text: z.string().min(1) }),
  richTextBlock,
]);
const table = z.strictObject({
  type: z.literal('table'),
  block_id: blockId,
  rows: z.array(z.array(tableCell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z.strictObject({
        align: z.enum(['left', 'center', 'right']).optional(),
        is_wrapped: z.boolean().optional(),
      }),
    )
    .max(20)
    .optional(),
});

/**
 * The blocks that the local Slack knows, with the limits of https://docs.slack.dev/reference/block-kit/blocks; the numbers
 * are those of the JSDoc of @slack/types 3.2.0. It refuses fields and types that it does not know.
 */
export const block = z.discriminatedUnion('type', [
  header,
  section,
  divider,
  context,
  actions,
  image,
  input,
  markdown,
  table,
  richTextBlock,
]);

export type MessageBlock = z.infer<typeof block>;
export type InputBlock = z.infer<typeof input>;

export const BLOCKS_OF_MESSAGE_MAX = 50;
export const BLOCKS_OF_VIEW_MAX = 100;
/** Undocumented: messages whose blocks hold more characters than this are refused as a whole. */
export const BLOCKS_CHARACTERS_MAX = 13_000;

/** https://docs.slack.dev/reference/views/modal-views */
export const modalView = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    blocks: z.array(block).min(1).max(BLOCKS_OF_VIEW_MAX),
    private_metadata: z.string().max(3000).optional(),
    callback_id: z.string().max(255).optional(),
    external_id: z.string().max(255).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
  })
  .refine(({ submit, blocks }) => submit !== undefined || blocks.every(({ type }) => type !== 'input'), {
    message: 'submit is required when there are inputs',
    path: ['submit'],
  });

export type ModalView = z.infer<typeof modalView>;
