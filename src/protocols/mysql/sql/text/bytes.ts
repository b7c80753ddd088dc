/** Classes of bytes outside of literals and comments, as the servers' state maps have them for utf8mb4. */
export const OTHER = 0;
export const SPACE = 1;
/** Begins a name: letters, `_`, and every byte of a character beyond ASCII (so a no-break space is no space). */
export const LETTER = 2;
export const DIGIT = 3;
export const DOLLAR = 4;
export const MARK_BYTE = 5;

export const NEWLINE = 0x0a;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const SINGLE_QUOTE = 0x27;
export const LEFT_PAREN = 0x28;
export const RIGHT_PAREN = 0x29;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const SEMICOLON = 0x3b;
export const QUESTION = 0x3f;
export const AT = 0x40;
export const BACKSLASH = 0x5c;
export const BACKTICK = 0x60;

const SPACES = '\t\n\v\f\r ';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_';
const DIGITS = '0123456789';
const MARKS = '!"#%&\'()*+,-./:;<=>?@\\^`{|}~';

/** The class of each byte. */
export const CLASSES: Uint8Array = classTable();

/** 1 for each byte that goes on with a name: letters, digits, `_`, `$`, bytes beyond ASCII. */
export const NAME_BYTES: Uint8Array = CLASSES.map((kind) =>
  kind === LETTER || kind === DIGIT || kind === DOLLAR ? 1 : 0,
);

/** The servers' `my_isspace` and `my_iscntrl`, for what makes `--` a comment. */
export function endsDashes(byte: number): boolean {
  return byte <= 0x20 || byte === 0x7f;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function classTable(): Uint8Array {
  const table = new Uint8Array(256);
  const fill = (bytes: string, kind: number) => {
    for (const byte of Buffer.from(bytes, 'latin1')) table[byte] = kind;
  };
  fill(SPACES, SPACE);
  fill(LETTERS, LETTER);
  fill(DIGITS, DIGIT);
  fill('$', DOLLAR);
  fill(MARKS, MARK_BYTE);
  table.fill(LETTER, 0x80);
  return table;
}
