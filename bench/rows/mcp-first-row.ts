import { z } from 'zod';
import { agentOverHttp, type McpAgent } from '../../test/support/mcp/agent.js';
import { agentOverStdio, mcpCommand } from '../../test/support/mcp/stdio-agent.js';
import { TARGET } from '../broker.js';
import { median } from '../figures.js';
import type { Row } from '../row.js';
import { TABLE } from '../servers.js';

const WARM_UP_GRANTS = 5;
const GRANTS = 40;
/** What most hosts speak. */
const OLDER = { client: '2025-11-25' } as const;

/** From the call of request_access to the answer of run_statement: what an agent waits that has tools alone. */
export const mcpFirstRowRow: Row = {
  name: 'mcp-first-row',
  what: 'request_access to the first row of run_statement, over MCP (stdio), p50',
  bounds: { floor: 200, goal: 60, unit: 'ms', better: 'lower' },
  async measure({ broker, say }) {
    const { api } = broker.vouched;
    const samples = await timed(
      await agentOverStdio(mcpCommand({ DOORWARDEN_API: api, DOORWARDEN_API_KEY: broker.agentKey }), OLDER),
    );
    const overHttp = await timed(await agentOverHttp(api, broker.agentKey, OLDER.client));
    const p95 = samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.95)] ?? 0;
    const detail = `${GRANTS} grants, p95 ${p95.toFixed(0)} ms; over HTTP ${median(overHttp).toFixed(0)} ms`;
    say(detail);
    return { value: median(samples), samples, detail };
  },
};

async function timed(agent: McpAgent): Promise<readonly number[]> {
  try {
    for (let count = 0; count < WARM_UP_GRANTS; count += 1) await timeToFirstRow(agent);
    const samples: number[] = [];
    for (let count = 0; count < GRANTS; count += 1) samples.push(await timeToFirstRow(agent));
    return samples;
  } finally {
    await agent.close();
  }
}

async function timeToFirstRow(agent: McpAgent): Promise<number> {
  const startedMs = performance.now();
  const asked = { target: TARGET, task: { title: 'Benchmark' }, ttlSeconds: 600 };
  const grant = z.string().parse((await agent.call('request_access', asked)).facts['grant']);
  const { isError, text } = await agent.call('run_statement', { grant, sql: `SELECT id FROM ${TABLE} WHERE id = 1` });
  const ms = performance.now() - startedMs;
  if (isError) throw new Error(text);
  await agent.call('close_access', { grant });
  return ms;
}
