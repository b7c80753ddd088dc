/** Words that end an expression elsewhere, and stand inside the parentheses of these. */
export const NO_WORDS: ReadonlySet<string> = new Set();
export const ORDER_WORDS: ReadonlySet<string> = new Set(['order']);
export const WINDOW_WORDS: ReadonlySet<string> = new Set([
  'partition',
  'order',
  'unbounded',
  'preceding',
  'following',
  'current',
]);
export const AGAINST_WORDS: ReadonlySet<string> = new Set([
  'in',
  'boolean',
  'natural',
  'language',
  'mode',
  'with',
  'query',
  'expansion',
]);

const CAST_WORDS: ReadonlySet<string> = new Set(['using', 'character', 'charset', 'set', 'array', 'unsigned']);
const CUT_WORDS: ReadonlySet<string> = new Set(['from', 'for']);
const LIST_WORDS: ReadonlySet<string> = new Set(['order', 'limit']);
const JSON_WORDS: ReadonlySet<string> = new Set(['returning', 'on', 'empty', 'error']);

/** The same for arguments, by the function's name. */
export const ARGUMENT_WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['cast', CAST_WORDS],
  ['convert', CAST_WORDS],
  ['char', CAST_WORDS],
  ['weight_string', CAST_WORDS],
  ['extract', CUT_WORDS],
  ['trim', CUT_WORDS],
  ['substring', CUT_WORDS],
  ['substr', CUT_WORDS],
  ['mid', CUT_WORDS],
  ['group_concat', LIST_WORDS],
  ['json_arrayagg', LIST_WORDS],
  ['json_value', JSON_WORDS],
  ['json_query', JSON_WORDS],
]);

/** Types that are reserved words: inside CONVERT they take a length and are no call. */
export const RESERVED_TYPES: ReadonlySet<string> = new Set([
  'decimal',
  'dec',
  'numeric',
  'float',
  'double',
  'real',
  'varchar',
  'varbinary',
  'int',
  'integer',
]);

/** Functions whose first argument is a word of the language, never a column. */
export const UNIT_FIRST: ReadonlySet<string> = new Set(['extract', 'timestampdiff', 'timestampadd', 'get_format']);
