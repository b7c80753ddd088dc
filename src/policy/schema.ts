import type { PolicyVocabulary } from './vocabulary.js';

/** What policies of every protocol may speak of. */
const COMMON_SCHEMA = `
entity Agent, User, Service = { "name": String, "kind": String };

/// Labels of the target are tags, on what is in it too.
entity Target = { "name": String, "target": String, "flavour": String } tags String;
`;

/** The schema that policies are validated against. */
export function schemaOf(vocabularies: readonly PolicyVocabulary[]): string {
  return [COMMON_SCHEMA, ...vocabularies.map(({ schema }) => schema)].join('\n');
}

/** The groups that an action is in, of whichever vocabulary. */
export function actionGroupsOf(vocabularies: readonly PolicyVocabulary[]): PolicyVocabulary['actionGroups'] {
  return Object.assign({}, ...vocabularies.map(({ actionGroups }) => actionGroups));
}
