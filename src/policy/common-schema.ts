import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';

/** A schema of policies in Cedar's JSON, or a part of one. */
export type CedarSchema = SchemaJson<string>;

/**
 * What policies of every protocol may speak of. Each protocol puts its actions into these groups, and gives each of its
 * operations the facts of `OperationFacts` among its own: so a policy for a group holds for every protocol.
 */
export const COMMON_SCHEMA = `
entity Agent, User, Service = { "name": String, "kind": String };

/// Labels of the target are tags, on what is in it too.
entity Target = { "name": String, "target": String, "flavour": String } tags String;

type OperationFacts = {
  "approved": Bool,
  "kind": String,
  "unparsed": Bool,
  "reason": String,
  "parts": Long,
};

action "operation";
action "readOnly", "write", "run", "administer", "unclear" in ["operation"];
action "request";
`;
