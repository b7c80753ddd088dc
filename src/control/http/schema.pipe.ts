import { StandardSchemaValidationPipe, type StandardSchemaValidationPipeOptions } from '@nestjs/common';
import { BrokerError } from '../../kernel/errors.js';

const ISSUES_SHOWN_MAX = 20;

type Issues = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0];
type Path = NonNullable<Issues[number]['path']>;

/** Checks bodies, queries and parameters against the schema that their decorator names. */
export function createSchemaPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: requestInvalid });
}

/** Says what does not fit and where, never what was sent. */
function requestInvalid(issues: Issues): BrokerError {
  const errors = issues.slice(0, ISSUES_SHOWN_MAX).map(({ path = [], message }) => ({ path: pathText(path), message }));
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new BrokerError('request_invalid', { detail, fields: { errors } });
}

function pathText(path: Path): string {
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}
