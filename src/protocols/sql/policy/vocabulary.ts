import type { PolicyVocabulary } from '../../../policy/vocabulary.js';
import { DEFAULT_POLICY_NAME, DEFAULT_POLICY_TEXT } from './default-bundle.js';
import { STATEMENT_SCHEMA_JSON } from './schema.forms.js';
import { ACTION_GROUPS } from './schema.js';

/** What policies may say of the statements of relational databases. */
export const SQL_VOCABULARY: PolicyVocabulary = {
  schema: STATEMENT_SCHEMA_JSON,
  actionGroups: ACTION_GROUPS,
  defaults: { name: DEFAULT_POLICY_NAME, text: DEFAULT_POLICY_TEXT },
};
