/** Many hosts end a call after a minute, whatever its progress says: no call waits longer than this. */
export const TOOL_WAIT_SECONDS_MAX = 45;
/** For an answer of the API itself, besides what it waits. */
export const ANSWER_MS_MAX = 15_000;
/** How long a call waits that does something first. */
export const FIRST_WAIT_SECONDS = 40;
/** The longest silence of a call that waits. */
export const PROGRESS_SECONDS = 10;
/** Calls of one server at once; each may hold a call of the API open. */
export const CALLS_MAX = 32;

/** More targets than a model can choose from. */
export const TARGETS_MAX = 1_000;

export const TTL_SECONDS_DEFAULT = 1_800;

/** What a model can use of rows, and what a server keeps of them. */
export const ROWS_MAX = 200;
export const CELL_CHARACTERS_MAX = 500;
export const ROWS_CHARACTERS_MAX = 100_000;
/** Of the rows as they come, before anything is cut. */
export const ROWS_BYTES_MAX = 16 * 1_048_576;
export const TABLES_MAX = 500;

export const SQL_CHARACTERS_MAX = 100_000;
export const VALUES_MAX = 1_000;
export const VALUE_CHARACTERS_MAX = 100_000;

/** Of one message on standard input; over HTTP the api has a limit of its own. */
export const MESSAGE_BYTES_MAX = 1_048_576;
