import { z } from 'zod';
import { statementSearchPage } from '../../src/contracts/recordings/statement.js';
import { connectApi } from '../../src/client/api-client.js';
import { median } from '../figures.js';
import { join } from 'node:path';
import { runProgram } from '../../test/support/clients/program.js';
import { ROOT } from '../../test/support/folders.js';
import type { Bench, Row } from '../row.js';

const STATEMENTS = 1_000_000;

/** What people ask, and what is worst to answer: nothing found, everything found, rare and long ago. */
const SEARCHES: readonly (readonly [what: string, query: Readonly<Record<string, string>>])[] = [
  ['newest', {}],
  ['of a principal', { principal: 'agent-7' }],
  ['of a sponsor', { sponsor: 'sponsor-5' }],
  ['of a table', { table: 'customer_orders_17' }],
  ['of a rare table, long ago', { table: 'rarely_touched', to: '2026-01-01T00:00:00Z' }],
  ['held', { verdict: 'hold' }],
  ['an error', { error: '1050' }],
  ['slow, of a principal', { principal: 'agent-7', durationMinMs: '90' }],
  ['rows, none has as many', { rowsMin: '100000' }],
  ['a value', { text: 'cust_999998' }],
  ['a value in Japanese', { text: '発送' }],
  ['part of a table', { text: 'tomer_orders_299' }],
  ['a word of all', { text: 'customer' }],
  ['a word of none', { text: 'no-such-word' }],
  ['a word of none, of a principal', { text: 'no-such-word', principal: 'agent-7' }],
  ['a word of none, of a table', { text: 'no-such-word', table: 'customer_orders_17' }],
];

/** The first page of a search over a million statements, through the api: of several searches, the slowest. */
export const searchRow: Row = {
  name: 'search',
  what: `first page of the slowest of ${SEARCHES.length} searches over ${STATEMENTS.toLocaleString('en')} statements, p50`,
  bounds: { floor: 1000, goal: 500, unit: 'ms', better: 'lower' },
  async measure({ broker, options, say }) {
    say(`filling the index with ${STATEMENTS.toLocaleString('en')} statements`);
    const { perSecond, bytesOfOne: bytes } = await fillIndex(broker.vouched.stateUrl);
    say(`${bytes.toFixed(0)} bytes for each statement; ${perSecond.toFixed(0)} statements a second`);
    let slowest: { readonly what: string; readonly samples: readonly number[] } = { what: '', samples: [0] };
    for (const [what, query] of SEARCHES) {
      const samples = await timesOf(broker, query, options.runs);
      say(`${what}: ${median(samples).toFixed(0)} ms (${samples.map((ms) => ms.toFixed(0)).join(', ')})`);
      if (median(samples) > median(slowest.samples)) slowest = { what, samples };
    }
    const detail = `${slowest.what}; ${bytes.toFixed(0)} bytes for each statement`;
    return { value: median(slowest.samples), samples: slowest.samples, detail };
  },
};

const filled = z.object({ statements: z.literal(STATEMENTS), perSecond: z.number(), bytesOfOne: z.number() });

/** By the code that workers fill it with, in a process that may load all of it. */
async function fillIndex(stateUrl: string): Promise<z.infer<typeof filled>> {
  const loader = join(ROOT, 'src', 'kernel', 'load-typescript.mjs');
  const program = join(ROOT, 'bench', 'many-statements.ts');
  const args = ['--no-warnings', '--experimental-transform-types', '--import', loader, program, stateUrl];
  const { stdout, stderr, exitCode } = await runProgram(process.execPath, args);
  if (exitCode !== 0) throw new Error(`Filling the index ended with ${exitCode}: ${stderr}`);
  return filled.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** The first time is not counted, as everywhere. */
async function timesOf(
  { vouched }: Bench['broker'],
  query: Readonly<Record<string, string>>,
  runs: number,
): Promise<readonly number[]> {
  const api = connectApi({ api: vouched.api, key: vouched.operatorKey });
  const path = `/v1/statements?${new URLSearchParams(query).toString()}`;
  const samples: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const startedMs = performance.now();
    const page = await api.get(path, SHOWN);
    samples.push(performance.now() - startedMs);
    if (run === 0)
      process.stdout.write(
        `    ${page.items.length} of ${page.count.value}${page.count.exact ? '' : '+'}, ${page.searched.texts}\n`,
      );
  }
  return samples.slice(1);
}

const SHOWN = z.object({
  items: z.array(z.unknown()),
  count: statementSearchPage.shape.count,
  searched: statementSearchPage.shape.searched,
});
