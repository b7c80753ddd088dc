import type { SqlDialect } from '../domain/statement.js';
import { isDigit } from './bytes.js';

/** What a server does with an executable comment, and whether its text is one that ordinary clients send. */
export interface ExecutableComment {
  readonly isRun: boolean;
  readonly isKnown: boolean;
  /** Offset of its content, behind the marker and the version. */
  readonly contentStart: number;
}

/** MariaDB leaves these versions to MySQL, unless the comment says `M!`. */
const MYSQL_ONLY_FIRST = 50_700;
const MYSQL_ONLY_LAST = 99_999;

const VERSION = /^\d*/;
const CONTENT_BYTES_MAX = 1_000;

/**
 * Reads what stands between `/*` and its end; `start` is the offset of `!` or `M!`, `end` that of the star.
 *
 * Tried on MariaDB 10.11 and MySQL 9.7: MariaDB reads six digits when there are six, MySQL reads six only when white
 * space follows, else five. With fewer than five there is no version. So only those spellings are known here that
 * mean the same to both: five digits, or six and white space.
 */
export function readExecutableComment(
  text: Buffer,
  start: number,
  end: number,
  dialect: SqlDialect,
): ExecutableComment {
  const isMarkedM = text[start] !== 0x21;
  const versionStart = start + (isMarkedM ? 2 : 1);
  const head = text.toString('latin1', versionStart, Math.min(versionStart + 8, end));
  const digits = VERSION.exec(head)?.[0] ?? '';
  const contentStart = versionStart + digits.length;
  const isSpelt =
    digits.length === 0 ||
    digits.length === 5 ||
    (digits.length === 6 && !isDigit(text[contentStart] ?? 0) && isSpaced(text, contentStart));
  const version = Number(digits);
  const isRun = digits.length === 0 || (version <= dialect.version && isForFlavour(version, isMarkedM, dialect));
  return { isRun, isKnown: isSpelt && isKnownContent(text, contentStart, end), contentStart };
}

function isForFlavour(version: number, isMarkedM: boolean, dialect: SqlDialect): boolean {
  return dialect.flavour === 'mysql' || isMarkedM || version < MYSQL_ONLY_FIRST || version > MYSQL_ONLY_LAST;
}

function isSpaced(text: Buffer, at: number): boolean {
  const byte = text[at] ?? 0;
  return byte === 0x20 || byte === 0x5c || (byte >= 0x09 && byte <= 0x0d);
}

const ASSIGNMENT = String.raw`(?:(?:global|session|local)\s+)?@{0,2}[\w.]+\s*:?=\s*(?:'[\w ,:+\-./]*'|@{0,2}[\w.]+|-?\d+(?:\.\d+)?)`;

/** What dump programs and drivers put into executable comments. What is not on the list is not understood. */
const KNOWN: readonly RegExp[] = [
  new RegExp(String.raw`^set\s+${ASSIGNMENT}(?:\s*,\s*${ASSIGNMENT})*\s*;?$`, 'i'),
  /^set\s+names\s+'?\w+'?(?:\s+collate\s+\w+)?\s*;?$/i,
  /^sql_(?:no_)?cache$/i,
  /^sql_buffer_result$/i,
  /^with consistent snapshot$/i,
  /^if (?:not )?exists$/i,
  /^(?:full|local|global|session|low_priority|ignore|temporary)$/i,
  /^alter\s+table\s+(?:`[^`]+`|\w+)\s+(?:dis|en)able\s+keys\s*;?$/i,
  /^default (?:character set|charset)\s*=?\s*\w+(?:\s+collate\s*=?\s*\w+)?$/i,
  /^collate\s*=?\s*\w+$/i,
  /^default encryption\s*=\s*'[yn]'$/i,
  /^\\- enable the sandbox mode$/i,
];

function isKnownContent(text: Buffer, start: number, end: number): boolean {
  if (end - start > CONTENT_BYTES_MAX) return false;
  const content = text.toString('latin1', start, end).trim();
  return KNOWN.some((pattern) => pattern.test(content));
}
