import { texts } from '../texts/en.js';

/** One member of a value that is another after an act; undefined: it is not there. */
export interface MemberChange {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Value = Readonly<Record<string, unknown>> | null;

const LINE_CHARACTERS_MAX = 80;
/** Of things that are there in every new value and say nothing. */
const IDLE: readonly unknown[] = [null, undefined, false, ''];

/** What differs between two values; of a new one what says something. */
export function changesOf(before: Value, after: Value): readonly MemberChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .map((name) => ({ name, before: before?.[name], after: after?.[name] }))
    .filter((change) =>
      before === null
        ? !IDLE.includes(change.after) && !isEmpty(change.after)
        : JSON.stringify(change.before) !== JSON.stringify(change.after),
    );
}

/** A value in one line that is not long. */
export function oneLine(value: unknown): string {
  if (value === undefined || value === null) return texts.record.nothing;
  if (isEmpty(value)) return texts.record.empty;
  if (isCut(value)) return texts.record.cut(value.bytes);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LINE_CHARACTERS_MAX ? text : `${text.slice(0, LINE_CHARACTERS_MAX)}…`;
}

/** The whole value, laid out. */
export function wholeText(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** What was too long for an entry stands in it by its length and digest. */
function isCut(value: unknown): value is { readonly bytes: number } {
  return (
    typeof value === 'object' && value !== null && 'cut' in value && 'bytes' in value && typeof value.bytes === 'number'
  );
}
