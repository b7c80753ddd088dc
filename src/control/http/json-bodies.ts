import type { IncomingMessage } from 'node:http';

const JSON_TYPE = /^application\/json\s*(;|$)/i;
/** As the router sees it: letter case and a slash at the end make no difference. */
const MCP_PATH = /^\/mcp\/?(\?|$)/i;

/** Whether a body is parsed before anybody knows who calls: JSON, but for the MCP server's, which reads its messages itself. */
export function isParsedEarly({ headers, url = '' }: IncomingMessage): boolean {
  return JSON_TYPE.test(headers['content-type'] ?? '') && !MCP_PATH.test(url);
}
