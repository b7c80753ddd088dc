/**
 * Arrows that point the wrong way: from the core into a protocol's folder, and from what relational databases share into
 * one of them. The list only shrinks: what is not on it is forbidden, and what is on it and not there any more is an error.
 */
export const ARROWS_LEFT = {};
