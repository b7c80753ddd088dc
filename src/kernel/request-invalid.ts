import { BrokerError } from './errors.js';

const ISSUES_SHOWN_MAX = 20;

/** What does not fit of a request, and where; schemas of zod and of the Standard Schema say it like this. */
export interface RequestProblem {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly message: string;
}

/** Says what does not fit and where, never what was sent. */
export function requestInvalid(issues: readonly RequestProblem[]): BrokerError {
  const errors = issues.slice(0, ISSUES_SHOWN_MAX).map(({ path = [], message }) => ({ path: pathText(path), message }));
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return new BrokerError('request_invalid', { detail, fields: { errors } });
}

function pathText(path: NonNullable<RequestProblem['path']>): string {
  return path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}
