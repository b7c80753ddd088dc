import type { Request, Response } from 'express';
import type { BrokerError } from '../../kernel/errors.js';

/** Of what a protected resource tells its clients when it lets them not in (RFC 6750, RFC 9728). */
export interface ChallengeFacts {
  /** The address of its metadata. */
  readonly metadata: string;
  /** What a token must be good for. */
  readonly scope: string;
}

const resources = new WeakMap<Response, ChallengeFacts>();

/** From now on a refusal of this answer says where a client learns how to get a token for the resource. */
export function protectAs(response: Response, resource: ChallengeFacts): void {
  resources.set(response, resource);
}

/** The header `WWW-Authenticate` of a refusal; undefined where another credential would change nothing. */
export function challengeOf(request: Request, response: Response, { code, row }: BrokerError): string | undefined {
  const resource = resources.get(response);
  if (resource === undefined) return row.httpStatus === 401 ? 'Bearer' : undefined;
  const fault = faultOf(code, row.httpStatus, request.headers.authorization !== undefined);
  if (fault === undefined) return undefined;
  const parameters = [
    ...(fault === 'none' ? [] : [`error="${fault}"`]),
    `resource_metadata="${resource.metadata}"`,
    `scope="${resource.scope}"`,
  ];
  return `Bearer ${parameters.join(', ')}`;
}

/** As RFC 6750 3.1 names it; a request without a credential is told of no error. */
function faultOf(
  code: string,
  status: number,
  hasCredential: boolean,
): 'none' | 'invalid_token' | 'insufficient_scope' | undefined {
  if (status === 401) return hasCredential ? 'invalid_token' : 'none';
  return code === 'mcp_agents_only' ? 'insufficient_scope' : undefined;
}
