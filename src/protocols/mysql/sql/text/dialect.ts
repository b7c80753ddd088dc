import type { Flavour } from '../../flavour.js';

/** The parts of `sql_mode` that change what a text means. */
export interface SqlMode {
  readonly ansiQuotes: boolean;
  readonly noBackslashEscapes: boolean;
  readonly pipesAsConcat: boolean;
  readonly ignoreSpace: boolean;
  readonly highNotPrecedence: boolean;
  readonly oracle: boolean;
}

export const PLAIN_SQL_MODE: SqlMode = {
  ansiQuotes: false,
  noBackslashEscapes: false,
  pipesAsConcat: false,
  ignoreSpace: false,
  highNotPrecedence: false,
  oracle: false,
};

/** What a text's meaning depends on besides the text. The character set is utf8mb4 always: no other one is let in. */
export interface SqlDialect {
  readonly flavour: Flavour;
  /** As executable comments spell it: 101119 for 10.11.19, 90704 for 9.7.4. */
  readonly version: number;
  readonly sqlMode: SqlMode;
}

export interface DialectSource {
  readonly flavour: Flavour;
  /** The version string of the greeting, as the server sent it. */
  readonly version: string;
  /** A parsed mode, or the text of `@@sql_mode`. */
  readonly sqlMode: string | SqlMode;
}

/** What the text of a session's statements is read by. */
export function dialectOf(source: DialectSource): SqlDialect {
  return {
    flavour: source.flavour,
    version: parseServerVersion(source.version),
    sqlMode: typeof source.sqlMode === 'string' ? parseSqlMode(source.sqlMode) : source.sqlMode,
  };
}

/** Modes that stand for several others. https://mariadb.com/kb/en/sql-mode/, "Defining ... combination modes" */
const QUOTING_COMBINATIONS: ReadonlySet<string> = new Set(['ANSI', 'DB2', 'MAXDB', 'MSSQL', 'ORACLE', 'POSTGRESQL']);
const OLD_VERSIONS: ReadonlySet<string> = new Set(['MYSQL323', 'MYSQL40']);

/** The parts of a `sql_mode` text that change what a statement means. */
export function parseSqlMode(text: string): SqlMode {
  const modes = new Set(text.split(',').map((mode) => mode.trim().toUpperCase()));
  const combined = [...modes].some((mode) => QUOTING_COMBINATIONS.has(mode));
  return {
    ansiQuotes: combined || modes.has('ANSI_QUOTES'),
    noBackslashEscapes: modes.has('NO_BACKSLASH_ESCAPES'),
    pipesAsConcat: combined || modes.has('PIPES_AS_CONCAT'),
    ignoreSpace: combined || modes.has('IGNORE_SPACE'),
    highNotPrecedence: modes.has('HIGH_NOT_PRECEDENCE') || [...modes].some((mode) => OLD_VERSIONS.has(mode)),
    oracle: modes.has('ORACLE'),
  };
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)/;
/** MariaDB puts this before its own version for the sake of old replicas. */
const REPLICATION_PREFIX = '5.5.5-';

/** A greeting's version as executable comments spell it: `5.5.5-10.11.19-MariaDB` gives 101119; 0 when it has none. */
export function parseServerVersion(text: string): number {
  const own = text.startsWith(REPLICATION_PREFIX) ? text.slice(REPLICATION_PREFIX.length) : text;
  const [, major = '0', minor = '0', patch = '0'] = VERSION.exec(own) ?? [];
  return Number(major) * 10_000 + Number(minor) * 100 + Math.min(Number(patch), 99);
}
