/** What a target speaks, as the API writes it: `mysql`. Any text: the core has no list, src/apps says what a build knows. */
export type ProtocolName = string;

/** What a request, a row or a recording speaks that names no protocol: it is older than the field. */
export const UNNAMED_PROTOCOL: ProtocolName = 'mysql';

/**
 * What only the target's protocol can read: access rules, limits beyond the common ones, facts of an operation, the body
 * of a question, a target's report. The core stores it and passes it on, and never looks inside, so that a new protocol
 * needs no edit of the core. The protocol parses it with its own schema where the value reaches its folder, once.
 */
export type ProtocolValue = object;

/**
 * What a credential is checked against; nobody can log in with one. It is JSON, kept in the state database and opaque to
 * the core. The tag keeps a protocol from reading another's verifier as its own.
 */
export type Verifier = ProtocolValue & { readonly protocol: ProtocolName };
