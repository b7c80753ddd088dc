import type { SqlDialect } from './dialect.js';
import { isDigit } from './bytes.js';

/** What a server makes of an executable comment. */
export interface ExecutableComment {
  /** Its content is read as if no comment stood there; else all of it is a comment. */
  readonly isRun: boolean;
  /** Offset of its content, after the marker and the version. */
  readonly contentStart: number;
}

/** MariaDB leaves these versions to MySQL, unless the comment says `M!`. */
const MYSQL_ONLY_FIRST = 50_700;
const MYSQL_ONLY_LAST = 99_999;

const LONG_VERSION_DIGITS = 6;
const SHORT_VERSION_DIGITS = 5;

/**
 * Reads the head of an executable comment; `start` is the offset of `!` or `M!`. Undefined where servers of this
 * flavour differ on what it means.
 *
 * Tried on MariaDB 10.11 and MySQL 9.7: MariaDB takes six digits for the version when there are six, MySQL takes six
 * only when white space follows, else five, and did otherwise before. With fewer than five there is no version, and the
 * digits are content. Source: `MY_LEX_LONG_COMMENT` in sql/sql_lex.cc of both servers.
 */
export function readExecutableComment(text: Buffer, start: number, dialect: SqlDialect): ExecutableComment | undefined {
  const isMarkedM = text[start] !== 0x21;
  const versionStart = start + (isMarkedM ? 2 : 1);
  const read = (digits: number): ExecutableComment => ({
    isRun: isRun(Number(text.toString('latin1', versionStart, versionStart + digits)), isMarkedM, dialect),
    contentStart: versionStart + digits,
  });
  const digits = countDigits(text, versionStart);
  if (digits < SHORT_VERSION_DIGITS) return { isRun: true, contentStart: versionStart };
  if (digits < LONG_VERSION_DIGITS) return read(digits);
  const long = read(LONG_VERSION_DIGITS);
  if (dialect.flavour === 'mariadb' || isSpace(text[long.contentStart] ?? 0)) return long;
  return long.isRun || read(SHORT_VERSION_DIGITS).isRun ? undefined : long;
}

function countDigits(text: Buffer, from: number): number {
  let digits = 0;
  while (digits < LONG_VERSION_DIGITS && isDigit(text[from + digits] ?? 0)) digits += 1;
  return digits;
}

function isRun(version: number, isMarkedM: boolean, { flavour, version: own }: SqlDialect): boolean {
  const isLeftToMysql = version >= MYSQL_ONLY_FIRST && version <= MYSQL_ONLY_LAST;
  return version <= own && (flavour === 'mysql' || isMarkedM || !isLeftToMysql);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
