/** Letters that are no vowels, so that no code is a word, and that nobody takes for digits (RFC 8628, section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const CHARACTERS = 8;
const WHOLE = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`);
/** Random bytes from here on would make some letters likelier than others. */
const BYTE_END = 256 - (256 % ALPHABET.length);

/** A code such as `BDFH-JKLM`, which a person reads on one screen and types on another: 34 bits. */
export function newUserCode(randomBytes: (count: number) => Uint8Array): string {
  let letters = '';
  while (letters.length < CHARACTERS) {
    for (const byte of randomBytes(CHARACTERS)) {
      if (byte < BYTE_END && letters.length < CHARACTERS) letters += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return shown(letters);
}

/** The code in what somebody typed, however they wrote its letters and its hyphen; undefined for anything else. */
export function userCodeIn(typed: string): string | undefined {
  if (typed.length > 40) return undefined;
  const letters = typed.replaceAll(/[\s–—_-]/g, '').toUpperCase();
  return WHOLE.test(letters) ? shown(letters) : undefined;
}

function shown(letters: string): string {
  return `${letters.slice(0, CHARACTERS / 2)}-${letters.slice(CHARACTERS / 2)}`;
}
