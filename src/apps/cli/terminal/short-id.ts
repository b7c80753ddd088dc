import { type ApiClient, formView } from '../../../client/api-client.js';
import type { TypedForm } from '../../../kernel/json-form.js';
import { UsageFailure } from './conventions.js';

const ID_CHARACTERS = 26;
const SHORT_CHARACTERS_MIN = 4;
/** Shown ids have more: the first ten characters are the time, and several are made in one millisecond. */
const SHOWN_CHARACTERS_MIN = 12;
const FITS_SHOWN_MAX = 5;

const PAGE: TypedForm<{ readonly items: readonly { readonly id: string }[] }> = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
  },
  required: ['items'],
};

/**
 * The id that begins as a person has typed it, of a list of the API whose pages come in the order of ids, newest first.
 * A whole id is not looked up: the API says itself that there is none.
 * @throws UsageFailure when none or several begin so; ApiFailure
 */
export async function wholeId(
  api: Pick<ApiClient, 'get'>,
  list: '/v1/approvals' | '/v1/grants',
  typed: string,
): Promise<string> {
  const beginning = typed.trim().toLowerCase();
  if (!/^[0-9a-hjkmnp-tv-z]+$/.test(beginning) || beginning.length >= ID_CHARACTERS) return typed;
  requireLength(beginning);
  const query = new URLSearchParams({
    limit: String(FITS_SHOWN_MAX + 1),
    cursor: beginning.padEnd(ID_CHARACTERS, 'z'), // pages go down from there
  });
  const { items } = await api.get(`${list}?${query.toString()}`, formView(PAGE));
  return theOne(
    beginning,
    items.map(({ id }) => id),
  );
}

/** The only one of the ids that begins as a person has typed it. @throws UsageFailure */
export function theOne(beginning: string, ids: readonly string[]): string {
  requireLength(beginning);
  const fitting = ids.filter((id) => id.startsWith(beginning));
  const [only] = fitting;
  if (only === undefined) throw new UsageFailure(`No id begins with ${JSON.stringify(beginning)}.`);
  if (fitting.length === 1) return only;
  const shown = fitting.slice(0, FITS_SHOWN_MAX).join(', ');
  const more = fitting.length > FITS_SHOWN_MAX ? ' and more' : '';
  throw new UsageFailure(`Several ids begin with ${JSON.stringify(beginning)}: ${shown}${more}. Type more of it.`);
}

/** Ids in the shortest form that tells them apart, all of one length. */
export function shortIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const different = new Set(ids);
  let length = SHOWN_CHARACTERS_MIN;
  while (length < ID_CHARACTERS && new Set([...different].map((id) => id.slice(0, length))).size < different.size) {
    length += 1;
  }
  return new Map(ids.map((id) => [id, id.slice(0, length)]));
}

function requireLength(beginning: string): void {
  if (beginning.length >= SHORT_CHARACTERS_MIN) return;
  throw new UsageFailure(
    `Type at least ${SHORT_CHARACTERS_MIN} characters of an id, not ${JSON.stringify(beginning)}.`,
  );
}
