import { requestInvalid } from '../../kernel/request-invalid.js';
import type { SearchCursor } from '../../persistence/statements/statement-search.repository.js';

const CURSOR = /^(\d{1,16})\.(\d{1,10})\.(\d{1,10})\.(\d{1,16}|-)\.(\d{1,6})\.([01])$/;

/** Where a search goes on, as one word. */
export function cursorText({ after, textsFromUs, count }: SearchCursor): string {
  const { atUs, grantNo, seq } = after;
  return [atUs, grantNo, seq, textsFromUs ?? '-', count.value, count.exact ? 1 : 0].join('.');
}

/** @throws BrokerError `request_invalid` */
export function cursorIn(text: string): SearchCursor {
  const [, at, grant, seq, textsFrom, value, exact] = CURSOR.exec(text) ?? [];
  if (at === undefined) throw requestInvalid([{ path: ['cursor'], message: 'must be the `next` of a page before' }]);
  return {
    after: { atUs: Number(at), grantNo: Number(grant), seq: Number(seq) },
    textsFromUs: textsFrom === '-' ? null : Number(textsFrom),
    count: { value: Number(value), exact: exact === '1' },
  };
}
