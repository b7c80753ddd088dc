import { COMMON_SCHEMA_JSON } from './common-schema.forms.js';
import type { CedarSchema } from './common-schema.js';
import type { PolicyVocabulary } from './vocabulary.js';

/** What all protocols share. */
const COMMON_GROUPS: PolicyVocabulary['actionGroups'] = {
  readOnly: ['operation'],
  write: ['operation'],
  run: ['operation'],
  administer: ['operation'],
  unclear: ['operation'],
};

/**
 * The schema that policies are validated against. Tests hold that the vocabularies of all protocols make one: to read it here
 * would take as long as to validate a policy, which reads it again. @throws Error where two have the same name
 */
export function schemaOf(vocabularies: readonly PolicyVocabulary[]): CedarSchema {
  const whole: CedarSchema = {};
  for (const schema of [COMMON_SCHEMA_JSON, ...vocabularies.map((vocabulary) => vocabulary.schema)]) {
    for (const [namespace, { commonTypes = {}, entityTypes, actions }] of Object.entries(schema)) {
      const known = whole[namespace];
      whole[namespace] = {
        commonTypes: joined(known?.commonTypes, commonTypes),
        entityTypes: joined(known?.entityTypes, entityTypes),
        actions: joined(known?.actions, actions),
      };
    }
  }
  return whole;
}

function joined<T>(known: Record<string, T> = {}, added: Record<string, T>): Record<string, T> {
  const twice = Object.keys(added).find((name) => Object.hasOwn(known, name));
  if (twice !== undefined) throw new Error(`Two vocabularies of policies have ${twice}`);
  return { ...known, ...added };
}

/** The groups that an action is in, of whichever vocabulary. */
export function actionGroupsOf(vocabularies: readonly PolicyVocabulary[]): PolicyVocabulary['actionGroups'] {
  return Object.assign({}, COMMON_GROUPS, ...vocabularies.map(({ actionGroups }) => actionGroups));
}
