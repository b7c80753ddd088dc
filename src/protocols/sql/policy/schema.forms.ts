import { readSchema } from '../../../policy/read-schema.js';
import { STATEMENT_SCHEMA } from './schema.js';

export const STATEMENT_SCHEMA_JSON = readSchema(STATEMENT_SCHEMA);
