/**
 * Which character set a collation id stands for. In the handshake it is one byte; in column definitions it has two.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_character_set.html
 * https://mariadb.com/docs/server/reference/data-types/string-data-types/character-sets/supported-character-sets-and-collations
 */

/** utf8mb4_general_ci: the same id in every version of both servers, and below 256. */
export const COLLATION_ID_UTF8MB4 = 45;
/** utf8mb4_0900_ai_ci, the default of MySQL 8 and newer. */
const COLLATION_ID_UTF8MB4_0900 = 255;

/** From and to (both included), as SHOW COLLATION lists them on MariaDB 10.11 and MySQL 9. */
const COLLATION_RANGES: readonly (readonly [from: number, to: number, characterSet: string])[] = [
  [1, 1, 'big5'],
  [2, 2, 'latin2'],
  [3, 3, 'dec8'],
  [4, 4, 'cp850'],
  [5, 5, 'latin1'],
  [6, 6, 'hp8'],
  [7, 7, 'koi8r'],
  [8, 8, 'latin1'],
  [9, 9, 'latin2'],
  [10, 10, 'swe7'],
  [11, 11, 'ascii'],
  [12, 12, 'ujis'],
  [13, 13, 'sjis'],
  [14, 14, 'cp1251'],
  [15, 15, 'latin1'],
  [16, 16, 'hebrew'],
  [18, 18, 'tis620'],
  [19, 19, 'euckr'],
  [20, 20, 'latin7'],
  [21, 21, 'latin2'],
  [22, 22, 'koi8u'],
  [23, 23, 'cp1251'],
  [24, 24, 'gb2312'],
  [25, 25, 'greek'],
  [26, 26, 'cp1250'],
  [27, 27, 'latin2'],
  [28, 28, 'gbk'],
  [29, 29, 'cp1257'],
  [30, 30, 'latin5'],
  [31, 31, 'latin1'],
  [32, 32, 'armscii8'],
  [33, 33, 'utf8mb3'],
  [34, 34, 'cp1250'],
  [35, 35, 'ucs2'],
  [36, 36, 'cp866'],
  [37, 37, 'keybcs2'],
  [38, 38, 'macce'],
  [39, 39, 'macroman'],
  [40, 40, 'cp852'],
  [41, 42, 'latin7'],
  [43, 43, 'macce'],
  [44, 44, 'cp1250'],
  [45, 46, 'utf8mb4'],
  [47, 49, 'latin1'],
  [50, 52, 'cp1251'],
  [53, 53, 'macroman'],
  [54, 55, 'utf16'],
  [56, 56, 'utf16le'],
  [57, 57, 'cp1256'],
  [58, 59, 'cp1257'],
  [60, 61, 'utf32'],
  [62, 62, 'utf16le'],
  [63, 63, 'binary'],
  [64, 64, 'armscii8'],
  [65, 65, 'ascii'],
  [66, 66, 'cp1250'],
  [67, 67, 'cp1256'],
  [68, 68, 'cp866'],
  [69, 69, 'dec8'],
  [70, 70, 'greek'],
  [71, 71, 'hebrew'],
  [72, 72, 'hp8'],
  [73, 73, 'keybcs2'],
  [74, 74, 'koi8r'],
  [75, 75, 'koi8u'],
  [76, 76, 'utf8mb3'],
  [77, 77, 'latin2'],
  [78, 78, 'latin5'],
  [79, 79, 'latin7'],
  [80, 80, 'cp850'],
  [81, 81, 'cp852'],
  [82, 82, 'swe7'],
  [83, 83, 'utf8mb3'],
  [84, 84, 'big5'],
  [85, 85, 'euckr'],
  [86, 86, 'gb2312'],
  [87, 87, 'gbk'],
  [88, 88, 'sjis'],
  [89, 89, 'tis620'],
  [90, 90, 'ucs2'],
  [91, 91, 'ujis'],
  [92, 93, 'geostd8'],
  [94, 94, 'latin1'],
  [95, 96, 'cp932'],
  [97, 98, 'eucjpms'],
  [99, 99, 'cp1250'],
  [101, 124, 'utf16'],
  [128, 151, 'ucs2'],
  [159, 159, 'ucs2'],
  [160, 183, 'utf32'],
  [192, 215, 'utf8mb3'],
  [223, 223, 'utf8mb3'],
  [224, 247, 'utf8mb4'],
  [248, 250, 'gb18030'],
  [255, 255, 'utf8mb4'],
  // Beyond one byte: MySQL's utf8mb4_…_0900 collations, then MariaDB's of UCA 14.
  [256, 323, 'utf8mb4'],
  [576, 607, 'utf8mb3'],
  [608, 639, 'utf8mb4'],
  [2048, 2303, 'utf8mb3'],
  [2304, 2559, 'utf8mb4'],
];

/** MariaDB's NOPAD twin of a collation has the same id and this bit. */
const MARIADB_NOPAD = 1024;

/**
 * Character sets in which a byte of ASCII is always that ASCII character and never the second half of another one.
 * Only then do the gateway and the server see the same quotes and backslashes in a text.
 *
 * Not on it: gbk, big5, sjis, cp932 and gb18030, whose characters end in bytes like 0x5C (a backslash); ucs2, utf16 and
 * utf32, which are no ASCII at all; swe7 and armscii8, which have letters in its place or its marks twice; and gb2312,
 * euckr, ujis and eucjpms, for which nobody has asked.
 */
const ALLOWED_CHARACTER_SETS: ReadonlySet<string> = new Set(
  `utf8mb4 utf8mb3 ascii binary latin1 latin2 latin5 latin7 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 geostd8
   greek hebrew hp8 keybcs2 koi8r koi8u macce macroman tis620`.split(/\s+/),
);

/** The character set of a collation; undefined for an id that is not known. */
export function characterSetOf(collationId: number): string | undefined {
  const id =
    collationId > MARIADB_NOPAD && collationId < MARIADB_NOPAD + 256 ? collationId - MARIADB_NOPAD : collationId;
  return COLLATION_RANGES.find(([from, to]) => id >= from && id <= to)?.[2];
}

/** Says whether a client may log in with this collation id. */
export function isCharacterSetAllowed(collationId: number): boolean {
  const characterSet = characterSetOf(collationId);
  return characterSet !== undefined && ALLOWED_CHARACTER_SETS.has(characterSet);
}

/**
 * The collation id with which the target leg logs in for a client that named `collationId`. MySQL's clients name
 * utf8mb4_0900_ai_ci, which MariaDB does not know: it would take their texts for those of its own default.
 */
export function targetCollationId(collationId: number, isMariadb: boolean): number {
  return isMariadb && collationId === COLLATION_ID_UTF8MB4_0900 ? COLLATION_ID_UTF8MB4 : collationId;
}

/**
 * The collation id that a greeting announces for a target that announces `targetCollationId`. Some clients take it over
 * when nothing is configured, so one that they could not log in with is replaced. That happens in practice: a MariaDB
 * whose default is a collation of UCA 14 (id 2304) announces the lower byte of it, and that is 0.
 */
export function announcedCollationId(targetCollationId: number): number {
  return isCharacterSetAllowed(targetCollationId) ? targetCollationId : COLLATION_ID_UTF8MB4;
}
