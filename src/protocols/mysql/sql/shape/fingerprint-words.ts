/**
 * Words that the fingerprint writes in lower case. All are reserved in MariaDB and MySQL, so no name is ever changed by
 * it: names stay as they are written, since two spellings may be two tables.
 */
const WORDS =
  `select insert update delete replace in values null true false default from where and or not is between like group by
  having order limit into set on as join left right inner outer cross union all distinct asc desc exists case when then
  else for using ignore natural interval key`.split(/\s+/);

/** The words by number, from 1 on. The first five begin the statements that have a fingerprint. */
export const LAST_FIRST_WORD = 5;
export const IN_WORD = 6;
export const VALUES_WORD = 7;
/** `null`, `true`, `false`, `default`: as good as literals inside of a list. */
export const FIRST_VALUE_WORD = 8;
export const LAST_VALUE_WORD = 11;

const TABLE_SIZE = 4_096;
const SPELT: readonly Uint8Array[] = WORDS.map((word) => Buffer.from(word));
const { multiplier, table } = perfectTable();

/** Adds one letter to a word's hash; case does not matter. */
export function hashed(hash: number, byte: number): number {
  return (Math.imul(hash, multiplier) + (byte | 0x20)) & 0xff_ffff;
}

/** Which of the words stands at `start` to `end`; 0 when none does. */
export function wordNumber(text: Uint8Array, start: number, end: number, hash: number): number {
  const number = table[hash & (TABLE_SIZE - 1)] ?? 0;
  const spelt = number === 0 ? undefined : SPELT[number - 1];
  if (spelt === undefined || spelt.length !== end - start) return 0;
  // A byte that differs from a letter in 0x20 alone is that letter in the other case.
  for (let at = 0; at < spelt.length; at++) if (((text[start + at] ?? 0) | 0x20) !== spelt[at]) return 0;
  return number;
}

/** Looks for a multiplier that gives each word a place of its own. */
function perfectTable(): { readonly multiplier: number; readonly table: Uint8Array } {
  for (let multiplier = 31; multiplier < 10_000; multiplier += 2) {
    const table = new Uint8Array(TABLE_SIZE);
    const hashOf = (word: Uint8Array) =>
      word.reduce((hash, byte) => (Math.imul(hash, multiplier) + (byte | 0x20)) & 0xff_ffff, 0) & (TABLE_SIZE - 1);
    const isPerfect = SPELT.every((word, index) => {
      const place = hashOf(word);
      if (table[place] !== 0) return false;
      table[place] = index + 1;
      return true;
    });
    if (isPerfect) return { multiplier, table };
  }
  throw new Error('no multiplier gives each word a place of its own');
}
