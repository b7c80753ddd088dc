import { z } from 'zod';
import { actionId, anyText, link, plainText } from './texts.js';

const confirm = z
  .strictObject({
    title: plainText(100).optional(),
    text: anyText(300),
    confirm: plainText(30).optional(),
    deny: plainText(30).optional(),
    style: z.enum(['primary', 'danger']).optional(),
  })
  .optional();

export const button = z.strictObject({
  type: z.literal('button'),
  action_id: actionId,
  text: plainText(75),
  value: z.string().max(2000).optional(),
  url: link.optional(),
  style: z.enum(['primary', 'danger']).optional(),
  accessibility_label: z.string().min(1).max(75).optional(),
  confirm,
});

const option = z.strictObject({
  text: anyText(75),
  value: z.string().min(1).max(150),
  description: plainText(75).optional(),
});
const focusOnLoad = z.boolean().optional();
const dispatchConfig = z
  .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1) })
  .optional();

const select = z.strictObject({
  type: z.literal('static_select'),
  action_id: actionId,
  placeholder: plainText(150).optional(),
  options: z.array(option).min(1).max(100),
  initial_option: option.optional(),
  focus_on_load: focusOnLoad,
  confirm,
});
const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  action_id: actionId,
  options: z.array(option).min(1).max(10),
  initial_option: option.optional(),
  focus_on_load: focusOnLoad,
  confirm,
});
const checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  action_id: actionId,
  options: z.array(option).min(1).max(10),
  initial_options: z.array(option).min(1).optional(),
  focus_on_load: focusOnLoad,
  confirm,
});
const textInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: actionId,
  placeholder: plainText(150).optional(),
  initial_value: z.string().max(3000).optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3000).optional(),
  max_length: z.int().min(1).max(3000).optional(),
  dispatch_action_config: dispatchConfig,
  focus_on_load: focusOnLoad,
});
const numberInput = z.strictObject({
  type: z.literal('number_input'),
  action_id: actionId,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
  placeholder: plainText(150).optional(),
  dispatch_action_config: dispatchConfig,
  focus_on_load: focusOnLoad,
});

/** What an actions block may hold; a message and a modal alike. */
export const actionElement = z.discriminatedUnion('type', [button, select, radioButtons, checkboxes]);
/** What an input block may hold. */
export const inputElement = z.discriminatedUnion('type', [textInput, numberInput, select, radioButtons, checkboxes]);
/** What may stand at the right of a section. */
export const accessoryElement = actionElement;

export const imageElement = z.strictObject({
  type: z.literal('image'),
  image_url: link,
  alt_text: z.string().min(1).max(2000),
});

export type ButtonPart = z.infer<typeof button>;
export type InputPart = z.infer<typeof inputElement>;
export type ActionPart = z.infer<typeof actionElement>;
