import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { callApi } from '../../src/client/api-call.js';
import { isPermission, type Permission, type Role, ROLES } from '../../src/domain/principal.js';
import { ROOT } from './folders.js';

/** A call as docs/roles.md lists it. */
export interface MatrixCall {
  /** `GET /v1/grants/{id}` */
  readonly name: string;
  readonly permission: Permission;
  readonly roles: ReadonlySet<Role>;
}

/** What docs/roles.md says, read as its readers do. */
export function printedMatrix(): { readonly calls: readonly MatrixCall[]; readonly open: readonly string[] } {
  const text = readFileSync(join(ROOT, 'docs/roles.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z]+ \/\S*)` +\| `([a-z.]+)` +\|(.*)\|$/gm)];
  const calls = rows.map(([, name = '', permission = '', marks = '']): MatrixCall => {
    if (!isPermission(permission))
      throw new Error(`docs/roles.md names a permission that does not exist: ${permission}`);
    const allowed = marks.split('|').map((cell) => cell.trim() === 'yes');
    return { name, permission, roles: new Set(ROLES.filter((_, index) => allowed[index] === true)) };
  });
  const open = [...text.matchAll(/^- `([A-Z]+ \/\S*)`$/gm)].map(([, name = '']) => name);
  return { calls, open };
}

const openApi = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The calls that a running api describes. */
export async function describedCalls(api: string): Promise<readonly string[]> {
  const { paths } = openApi.parse((await callApi(api, '/openapi.json')).body);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** Whether a caller got past the guards: what it asked for then is not there, or has no form. */
export type Outcome = 'unauthenticated' | 'forbidden' | 'let in';

/** Makes a call about a thing that does not exist, with a body that fits no schema. */
export async function outcomeOf(
  api: string,
  name: string,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const [method = '', template = ''] = name.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => NOWHERE[parameter] ?? 'nowhere');
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
  const response = await answerTo(`${api}${path}`, { method, headers, ...(hasBody ? { body: MISFIT } : {}) });
  const { statusCode: status = 0 } = response;
  const type = response.headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) {
    response.destroy();
    return 'let in';
  }
  const said = await text(response);
  if (status === 429 || status >= 500) throw new Error(`${name}: ${status} ${said}`);
  const isProblem = type.startsWith('application/problem+json');
  const code: unknown = isProblem ? Reflect.get(Object(JSON.parse(said)), 'code') : undefined;
  if (status === 401) return 'unauthenticated';
  return typeof code === 'string' && REFUSALS.has(code) ? 'forbidden' : 'let in';
}

const MISFIT = '{"nobody":"asks this"}';

interface MatrixRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** By node:http: thousands of calls are made, and `fetch` takes each of them several times as long. */
function answerTo(url: string, { method, headers, body }: MatrixRequest): Promise<IncomingMessage> {
  const own = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    request(url, { method, headers: { ...headers, ...own } }, resolve)
      .once('error', reject)
      .end(body);
  });
}

/** The MCP server says it in its own words. */
const REFUSALS = new Set(['forbidden', 'mcp_agents_only', 'mcp_origin_refused']);
const ID = '01m7ytqm8g9xt6m7ken4f6b9rz';
const NOWHERE: Readonly<Record<string, string>> = { id: ID, grantId: ID };
