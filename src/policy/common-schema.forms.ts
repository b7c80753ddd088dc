import { commonSchema } from './read-schema.js';

export const COMMON_SCHEMA_JSON = commonSchema();
