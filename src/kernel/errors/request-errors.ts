import { type ErrorRow, row } from './error-row.js';

/** The rows of {@link ERROR_TABLE} about a request itself, whatever it asks for. */
export const REQUEST_ERRORS = {
  request_invalid: row(400, 'The request does not fit its schema.', 'Correct the fields that the detail names.'),
  body_too_large: row(413, 'The request body is too large.', 'Send a smaller body.'),
  route_not_found: row(404, 'There is no such route.', 'See /docs or /llms.txt for the routes.'),
  method_not_allowed: row(405, 'This path does not take that method.', 'Use one of the methods in the header Allow.'),
  idempotency_key_reused: row(
    422,
    'An earlier request with another body used this Idempotency-Key.',
    'Use a new key for a new request, or send the same body to get the same answer.',
  ),
  idempotency_key_in_use: row(
    409,
    'The first call with this Idempotency-Key is still running.',
    'Send it again in a moment.',
  ),
  unauthenticated: row(
    401,
    'The request carries no valid API key.',
    'Send `Authorization: Bearer <key>` with a key that an operator gave you.',
  ),
  forbidden: row(403, 'Your roles do not allow this call.', 'Ask an operator which principal may do this.'),
  mcp_agents_only: row(
    403,
    'The MCP server is for agents alone, and you called with the credential of somebody else.',
    'Give the MCP server the API key or token of a principal with the role agent; people use the page and the command line.',
  ),
  mcp_origin_refused: row(
    403,
    'The call comes from a page in a browser that may not use the MCP server.',
    'Use an MCP client that is no page; operators: MCP_ORIGINS names the pages that may.',
  ),
  mcp_key_missing: row(
    503,
    'The api has no key from which the MCP server could make the password of a connection.',
    'Operators: give the api a KEYS_DIR of its own that it can write, or PROVIDER_KEY, the same for all apis.',
  ),
  api_stopping: row(
    503,
    'The api that worked on the call is stopping.',
    'Send the call again in a moment: whatever waits goes on waiting in the broker, and nothing is lost.',
  ),
  too_many_requests: row(
    429,
    'There were too many requests of this kind in a short time.',
    'Wait as many seconds as the header Retry-After says, then try again.',
  ),
  internal: row(
    500,
    'Something went wrong inside the broker.',
    'Try again. If it fails again, give the request id to an operator.',
  ),
} as const satisfies Record<string, ErrorRow>;
