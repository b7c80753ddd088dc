import type { InputBlock, ModalView } from '../block-kit/blocks.js';
import type { InputPart } from '../block-kit/elements.js';
import type { InputValues } from './payloads.js';

/** What a person typed or chose, by the label of the field. */
export type TypedValues = Readonly<Record<string, string>>;

/** The fields of a modal. */
export function inputsOf(view: ModalView): readonly InputBlock[] {
  return view.blocks.filter((block) => block.type === 'input');
}

/**
 * What Slack's own client says about a field before it sends anything; by block id, empty when all is well.
 * Numbers have their bounds, texts their lengths, and a field that is not optional has something in it.
 */
export function faultsOfInputs(view: ModalView, typed: TypedValues): Readonly<Record<string, string>> {
  const faults = inputsOf(view).flatMap((input) => {
    const fault = faultOf(input, typed[input.label.text] ?? '');
    return fault === undefined ? [] : [[input.block_id ?? '', fault] as const];
  });
  return Object.fromEntries(faults);
}

function faultOf({ element, optional }: InputBlock, value: string): string | undefined {
  if (value === '') return optional === true ? undefined : 'Please complete this required field.';
  if (element.type === 'plain_text_input') {
    if (value.length < (element.min_length ?? 0)) return `Please enter at least ${element.min_length} characters.`;
    if (value.length > (element.max_length ?? 3000)) return `Please enter at most ${element.max_length} characters.`;
  }
  if (element.type === 'number_input') {
    if (!(element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/).test(value)) return 'Please enter a number.';
    if (Number(value) < Number(element.min_value ?? -Infinity)) return `Please enter at least ${element.min_value}.`;
    if (Number(value) > Number(element.max_value ?? Infinity)) return `Please enter at most ${element.max_value}.`;
  }
  return undefined;
}

/** As `view.state.values` has it. */
export function inputValues(view: ModalView, typed: TypedValues): InputValues {
  return Object.fromEntries(
    inputsOf(view).map(({ block_id: blockId = '', element, label }) => [
      blockId,
      { [element.action_id ?? '']: valueOf(element, typed[label.text] ?? '') },
    ]),
  );
}

function valueOf(element: InputPart, value: string): Readonly<Record<string, unknown>> {
  if (element.type === 'plain_text_input' || element.type === 'number_input')
    return { type: element.type, value: value === '' ? null : value };
  const chosen = element.options.filter((option) => value.split('\n').includes(option.value));
  if (element.type === 'checkboxes') return { type: element.type, selected_options: chosen };
  return { type: element.type, selected_option: chosen[0] ?? null };
}

/** What stands in the fields when a modal opens. */
export function initialValues(view: ModalView): TypedValues {
  return Object.fromEntries(inputsOf(view).map(({ label, element }) => [label.text, initialOf(element)]));
}

function initialOf(element: InputPart): string {
  if (element.type === 'plain_text_input' || element.type === 'number_input') return element.initial_value ?? '';
  if (element.type === 'checkboxes') return (element.initial_options ?? []).map(({ value }) => value).join('\n');
  return element.initial_option?.value ?? '';
}
