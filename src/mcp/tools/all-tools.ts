import type { McpParts } from '../mcp-parts.js';
import type { McpTool } from '../tool.js';
import { closeAccess } from './close-access.js';
import { describeGrant } from './describe.js';
import { explainRefusal } from './explain-refusal.js';
import { getConnection } from './get-connection.js';
import { listTargets } from './list-targets.js';
import { requestAccess } from './request-access.js';
import { runStatement } from './run-statement.js';
import { waitForAccess } from './wait-for-access.js';
import { waitForStatement } from './wait-for-statement.js';

/**
 * The tools of a server, in the order in which a task uses them. None decides, administers, or reads evidence, and none has
 * an argument that names a principal: a test holds the list.
 */
export function toolsOf(parts: McpParts): readonly McpTool[] {
  const { statements, runsStatements } = parts;
  return [
    listTargets(parts),
    requestAccess(parts),
    waitForAccess,
    getConnection(parts),
    describeGrant(parts),
    ...(statements !== undefined && runsStatements ? [runStatement(statements, parts), waitForStatement] : []),
    explainRefusal(parts),
    closeAccess,
  ];
}
