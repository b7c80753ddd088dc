/** The largest body of a call. */
export const BODY_BYTES_MAX = 1024 * 1024;
/** Event streams that one principal may have open together. */
export const STREAMS_OF_ONE_MAX = 20;
