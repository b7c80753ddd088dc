import { OPERATIONS } from '../http/operations-table.js';

/** What the entrance says to everybody: true of every broker and every caller. */
export const ABOUT =
  'Just-in-time access to databases for AI agents: one task, one grant, one account, one sealed recording.';

/** Paths that lead on from the entrance, each with what is there. */
export const LINKS = {
  guide: { path: '/llms.txt', about: 'this page as text; with an agent’s credential also what it may ask for' },
  docs: { path: '/docs', about: 'every call, to try out' },
  openapi: { path: '/openapi.json', about: 'every call with its schemas' },
  errors: { path: '/docs/errors', about: 'every refusal by its code, with what to do' },
  tokens: {
    path: '/.well-known/oauth-protected-resource',
    about: 'the identity providers whose tokens agents may send',
  },
  live: { path: '/health/live', about: 'whether the api runs' },
  ready: { path: '/health/ready', about: 'whether everything that it needs is there' },
  metrics: { path: '/metrics', about: 'metrics for Prometheus' },
} as const;

/** Where the same is offered as tools, over streamable HTTP. */
export const MCP_PATH = '/mcp';

/** The whole life of a task, in the order in which an agent lives it. */
export const FIRST_STEPS: readonly string[] = [
  'Sign in with every call: `Authorization: Bearer <credential>`. It is an API key that an operator made for you, or an access token that an identity provider of this broker gave you. Without either, ask the person you work for.',
  'GET /v1/targets lists the databases. `asking` says of each what you may ask for, what would run at once and what would wait for people.',
  'POST /v1/grants with {"target", "task": {"title", "reference"}, "access", "ttlSeconds"} asks for a grant: once for each task, for what the task needs and no more. `reference` is the ticket or run. With a header Idempotency-Key you may send the same request again when its answer was lost.',
  'An answer in state `active` has the connection, which is shown only once. In state `requested` people are asked, or the gateway is slow: GET /v1/grants/{id}?wait=60&while=requested until it is `active`, then POST /v1/grants/{id}/connection, once.',
  'Connect with any ordinary client of the database, by the form in `connection` that it takes. The connection is for you alone: keep the password out of prompts, logs and files that others read.',
  'A statement that people must approve waits on the wire: the client sees a slow statement, so set no short time limit on its reads. A grant that was asked for with "onHold": "error" gets the error statement_held at once instead, which names the approval: GET /v1/approvals/{id}?wait=60, and when it is approved send the same statement again, byte for byte.',
  'POST /v1/grants/{id}/close?wait=30 when the task is done. The recording is sealed then.',
];

/** What an agent sends to ask for a grant; `access` is in the words of the target's protocol. */
export const EXAMPLE_REQUEST = OPERATIONS['POST /v1/grants']?.request;

/** What to keep to, whatever happens. */
export const RULES: readonly string[] = [
  'A refusal has a stable `code`, says what happened and what to do. Do that.',
  'A denial is an answer. Do not send the statement in another form to get past it: tell the person you work for what was denied, and why.',
  'A person may take minutes to answer. Waiting is not a failure: wait again with the same id, and ask for nothing twice.',
  'After 429 or 503 wait as many seconds as the header Retry-After says, and where there is none some seconds, longer each time.',
  'After a connection is lost in the middle of a statement, look whether it took effect before you send it again.',
];
