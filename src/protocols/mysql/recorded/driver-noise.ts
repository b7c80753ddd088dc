/**
 * Texts that drivers and tools send by themselves, before and between what they are told to do. A text is taken for one
 * only where it can do nothing else: no parentheses, and so no sub-query and no function, but those of a short list.
 */
const NOISE: readonly RegExp[] = [
  /^set\s+(?!(?:global|persist|persist_only|password|role|default|statement|@@global\b|@@persist)\b)[^();]*;?$/i,
  /^select\s+(?:@@[\w.]+(?:\s+as\s+[\w`'@.]+)?\s*,?\s*)+(?:limit\s+1)?;?$/i,
  /^\/\*!\d{5,6} set\s+[^();]*\*\/;?$/i,
  /^select\s+(?:1|\$\$|null)(?:\s+from\s+dual)?;?$/i,
  /^select\s+(?:(?:version|database|schema|user|current_user|connection_id|last_insert_id)\(\)(?:\s+as\s+[\w`]+)?\s*,?\s*)+;?$/i,
  /^show\s+(?:(?:session|global|full)\s+)?(?:variables|warnings|errors|collation|engines|character set|status|databases)\b[^();]*;?$/i,
];

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['COM_PING', 'ping'],
  ['COM_STATISTICS', 'statistics'],
  ['COM_STMT_CLOSE', 'closing a prepared statement'],
  ['COM_STMT_RESET', 'resetting a prepared statement'],
  ['COM_STMT_SEND_LONG_DATA', 'a part of a value'],
  ['COM_RESET_CONNECTION', 'resetting the session'],
  ['COM_SET_OPTION', 'setting an option'],
  ['COM_FIELD_LIST', 'listing columns'],
]);

/** Comments at the beginning; further in, what looks like one may stand in a text. */
const LEADING = /^(?:\s|\/\*(?!!|M!|\+)[\s\S]*?\*\/|--[ \t][^\n]*(?:\n|$)|#[^\n]*(?:\n|$))+/;
const WORDS_MAX = 40;

/** In a few words what a command was, if drivers send it by themselves. */
export function commandNoise(name: string): string | undefined {
  return COMMANDS.get(name);
}

/** In a few words what a statement was, if drivers send it by themselves; undefined for what a person looks for. */
export function statementNoise(name: string, sent: string): string | undefined {
  if (name === 'COM_STMT_PREPARE') return 'preparing a statement';
  const text = sent.replace(LEADING, '').trim();
  if (text === '' || text === ';') return 'a text with nothing to run';
  if (!NOISE.some((pattern) => pattern.test(text))) return undefined;
  const words = text.replaceAll(/\s+/g, ' ');
  return words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words;
}
