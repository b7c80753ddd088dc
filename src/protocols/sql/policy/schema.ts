/**
 * What policies may speak of in a relational database, in Cedar's own schema language. It ships with the broker: a policy
 * that does not fit it is not taken. docs/policies.md explains every name.
 *
 * These names were there before any other protocol's, and policies in use have them: they alone stand without a
 * namespace, and `statement` has nothing in it but statements.
 *
 * https://docs.cedarpolicy.com/schema/human-readable-schema.html
 */
export const STATEMENT_SCHEMA = `
entity Database in [Target] = { "name": String, "target": String } tags String;
entity Table in [Database] = { "name": String, "target": String, "database": String } tags String;
entity Column in [Table] = { "name": String, "target": String, "database": String, "table": String } tags String;

type StatementFacts = {
  "approved": Bool,
  "kind": String,
  "statements": Long,
  "database": String,
  "inTransaction": Bool,
  "unparsed": Bool,
  "reason": String,
  "parts": Long,
  "hasWhere": Bool,
  "whereNamesColumn": Bool,
  "wholeTable": Bool,
  "hasLimit": Bool,
  "functions": Set<String>,
  "unknownFunctions": Set<String>,
  "flags": Set<String>,
  "tablesRead": Long,
  "tablesWritten": Long,
  "readsSystemTables": Bool,
  "writesSystemTables": Bool,
  "viaView": Bool,
  "viaTrigger": Bool,
  "viaCascade": Bool,
  "viaRoutine": Bool,
  "triggers": Set<String>,
};

action "statement" in ["operation"];

action "read" in ["statement", "readOnly"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };
action "insert", "update", "delete", "replace" in ["statement", "write"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };
action "execute" in ["statement", "run"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };
action "admin" in ["statement", "administer"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };
action "unknown" in ["statement", "unclear"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };
action "schema", "lock", "session" in ["statement"]
  appliesTo { principal: [Agent, User, Service], resource: [Target, Database, Table], context: StatementFacts };

action "requestGrant" in ["request"]
  appliesTo {
    principal: [Agent, User, Service],
    resource: [Target, Database, Table],
    context: {
      "approved": Bool,
      "ttlSeconds": Long,
      "privileges": Set<String>,
      "writes": Bool,
      "wholeDatabase": Bool,
    }
  };

/// Not asked yet: it is for masked columns.
action "readClear"
  appliesTo { principal: [Agent, User, Service], resource: [Column], context: { "approved": Bool } };
`;

/** The groups of actions, for evaluation: an action's parents. */
export const ACTION_GROUPS = {
  statement: ['operation'],
  read: ['statement', 'readOnly'],
  insert: ['statement', 'write'],
  update: ['statement', 'write'],
  delete: ['statement', 'write'],
  replace: ['statement', 'write'],
  execute: ['statement', 'run'],
  admin: ['statement', 'administer'],
  unknown: ['statement', 'unclear'],
  schema: ['statement'],
  lock: ['statement'],
  session: ['statement'],
  requestGrant: ['request'],
} as const;
