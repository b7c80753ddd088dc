import { checkParseSchema } from '@cedar-policy/cedar-wasm/nodejs';
import { assert } from '../kernel/assert.js';
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

/** The schema that policies are validated against. */
export function schemaOf(vocabularies: readonly PolicyVocabulary[]): string {
  const schema = [COMMON_SCHEMA, ...vocabularies.map((vocabulary) => vocabulary.schema)].join('\n');
  const parsed = checkParseSchema(schema);
  assert(parsed.type === 'success', 'the vocabularies of all protocols make one schema');
  return schema;
}

/** The groups that an action is in, of whichever vocabulary. */
export function actionGroupsOf(vocabularies: readonly PolicyVocabulary[]): PolicyVocabulary['actionGroups'] {
  return Object.assign({}, COMMON_GROUPS, ...vocabularies.map(({ actionGroups }) => actionGroups));
}
