/** Limits of calls, for those too who load no schema. */

/** How many things a page of a list has at most, and unless the call says how many. */
export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 200;

/** How long a call may wait for something to change. */
export const WAIT_SECONDS_MAX = 60;
