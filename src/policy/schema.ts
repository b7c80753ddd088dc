import type { PolicyVocabulary } from './vocabulary.js';

/**
 * What policies of every protocol may speak of. Each protocol puts its actions into these groups, and gives each of its
 * operations the facts of `OperationFacts` among its own: so a policy for a group holds for every protocol.
 */
const COMMON_SCHEMA = `
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

const COMMON_GROUPS: PolicyVocabulary['actionGroups'] = {
  readOnly: ['operation'],
  write: ['operation'],
  run: ['operation'],
  administer: ['operation'],
  unclear: ['operation'],
};

/**
 * The schema that policies are validated against. Tests hold that the vocabularies of all protocols make one: to read it here
 * would take as long as to validate a policy, which reads it again.
 */
export function schemaOf(vocabularies: readonly PolicyVocabulary[]): string {
  return [COMMON_SCHEMA, ...vocabularies.map((vocabulary) => vocabulary.schema)].join('\n');
}

/** The groups that an action is in, of whichever vocabulary. */
export function actionGroupsOf(vocabularies: readonly PolicyVocabulary[]): PolicyVocabulary['actionGroups'] {
  return Object.assign({}, COMMON_GROUPS, ...vocabularies.map(({ actionGroups }) => actionGroups));
}
