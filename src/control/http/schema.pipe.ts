import { StandardSchemaValidationPipe } from '@nestjs/common';
import { requestInvalid } from '../../kernel/request-invalid.js';

/** Checks bodies, queries and parameters against the schema that their decorator names. */
export function createSchemaPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: requestInvalid });
}
