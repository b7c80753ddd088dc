import { SEARCH_WORDS_MAX } from '../../contracts/recordings/statement.js';
import { requestInvalid } from '../../kernel/request-invalid.js';

const WORD = /"([^"]+)"|(\S+)/g;
/** Nearly every statement has any one of the letters of English; a single character of other scripts says much. */
const ASCII_ONLY = /^\p{ASCII}$/u;

/**
 * The words of a search; what stands in double quotes is one of them.
 * @throws BrokerError `request_invalid`
 */
export function searchWords(text: string, field: string): readonly string[] {
  const words = [...text.matchAll(WORD)].map(([, phrase, word]) => phrase ?? word ?? '');
  const distinct = [...new Set(words.filter((word) => word.trim() !== ''))];
  if (distinct.length === 0) throw invalid(field, 'must have a word to search for');
  if (distinct.length > SEARCH_WORDS_MAX)
    throw invalid(field, `may have ${SEARCH_WORDS_MAX} words at most; put a phrase in double quotes`);
  return distinct;
}

/**
 * The words of a search over statements, none of which may be a single letter.
 * @throws BrokerError `request_invalid`
 */
export function statementWords(text: string, field: string): readonly string[] {
  const words = searchWords(text, field);
  if (words.some((word) => ASCII_ONLY.test(word))) throw invalid(field, 'a word must have 2 characters or more');
  return words;
}

function invalid(field: string, message: string): Error {
  return requestInvalid([{ path: [field], message }]);
}
