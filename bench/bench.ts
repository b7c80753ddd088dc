import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { LOCAL } from '../test/support/folders.js';
import { type BenchBroker, startBroker } from './broker.js';
import { closeCallers } from './callers.js';
import { describeMachine, versionOf } from './machine.js';
import { type BenchOptions, QUIET_LOAD_MAX, readOptions } from './options.js';
import type { Bench, Row } from './row.js';
import { authenticatedRequestRow } from './rows/authenticated-request.js';
import { analysisHitRow, analysisMissRow } from './rows/analysis.js';
import { decisionRow } from './rows/decision.js';
import { firstRowRow } from './rows/first-row.js';
import { idleGrantsRow } from './rows/idle-grants.js';
import { largeResultRow } from './rows/large-result.js';
import { marksRow, openRow, statementRow } from './rows/looking.js';
import { manyTablesRows } from './rows/many-tables.js';
import { mcpFirstRowRow } from './rows/mcp-first-row.js';
import { newShapeRows } from './rows/new-shape.js';
import { pageApprovalRow, pageJumpRow, pageOpenRow } from './rows/page.js';
import { pointSelectRows } from './rows/point-selects.js';
import { jumpLiveRow, jumpSealedRow, removeLongRecording, sealRow, sealSizeRow } from './rows/recording.js';
import { searchRow } from './rows/search.js';
import { runOverheadRow } from './rows/run-overhead.js';
import { slowReaderRow } from './rows/slow-reader.js';
import { slackDecisionRow } from './rows/slack-decision.js';
import { verifyRow } from './rows/verify.js';
import { type BenchDatabase, type Proxy, startDatabase, startHaproxy, startRelay, startRouter } from './servers.js';
import { type Measured, type Outcome, outcomeMark, tableOf } from './table.js';

const ROWS: readonly Row[] = [
  ...pointSelectRows,
  ...newShapeRows,
  largeResultRow,
  slowReaderRow,
  idleGrantsRow,
  ...manyTablesRows,
  firstRowRow,
  mcpFirstRowRow,
  runOverheadRow,
  authenticatedRequestRow,
  decisionRow,
  slackDecisionRow,
  verifyRow,
  sealSizeRow,
  sealRow,
  jumpLiveRow,
  jumpSealedRow,
  marksRow,
  openRow,
  statementRow,
  pageApprovalRow,
  pageOpenRow,
  pageJumpRow,
  searchRow,
  analysisHitRow,
  analysisMissRow,
];
const RESULT_FILE = join(LOCAL, 'bench.json');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

await main();

async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted === undefined) return;
  const { options, rows } = wanted;
  const stops: (() => Promise<unknown>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopAll().finally(() => process.exit(1)));
  }
  try {
    await measureAll(rows, options, stops);
  } finally {
    await closeCallers();
    await stopAll();
    await removeLongRecording();
  }
}

/** Undefined when they are wrong; then it has said so and set the exit code. */
function readArguments(
  args: readonly string[],
): { readonly options: BenchOptions; readonly rows: readonly Row[] } | undefined {
  try {
    const options = readOptions(args);
    return { options, rows: rowsOf(options) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function rowsOf({ only }: BenchOptions): readonly Row[] {
  const unknown = only.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) {
    throw new Error(`No row ${unknown.join(', ')}. The rows: ${ROWS.map((row) => row.name).join(', ')}`);
  }
  return only.length === 0 ? ROWS : ROWS.filter((row) => only.includes(row.name));
}

async function measureAll(
  rows: readonly Row[],
  options: BenchOptions,
  stops: (() => Promise<unknown>)[],
): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0;
  say('Starting MariaDB, the proxies and the broker.');
  const database = await startDatabase();
  stops.push(() => database.server.stop());
  const haproxy = await startHaproxy(database);
  stops.push(() => haproxy.stop());
  const router = await startRouter(database);
  if (typeof router !== 'string') stops.push(() => router.stop());
  const relay = await startRelay(database);
  stops.push(() => relay.stop());
  const broker = await startBroker(database, options);
  stops.push(() => broker.stop());
  const bench: Bench = { options, database, broker, haproxy, router, relay, say: (line) => say(`    ${line}`) };
  const outcomes: Outcome[] = [];
  for (const row of rows) {
    say(`  ${row.name}: ${row.what}`);
    const { name, what, bounds } = row;
    outcomes.push({ name, what, bounds, ...(await measured(row, bench)) });
  }
  await report(outcomes, { options, database, haproxy, router, broker, loadBefore });
}

/** A row that fails takes nothing from the others, which may have taken many minutes. */
async function measured(row: Row, bench: Bench): Promise<Measured> {
  try {
    const found = await row.measure(bench);
    return typeof found === 'string' ? { skipped: found } : { figure: found };
  } catch (error) {
    process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? message) : message}\n`);
    return { failed: message.split('\n', 1).join() };
  }
}

async function report(
  outcomes: readonly Outcome[],
  {
    options,
    database,
    haproxy,
    router,
    broker,
    loadBefore,
  }: {
    readonly options: BenchOptions;
    readonly database: BenchDatabase;
    readonly haproxy: Proxy;
    readonly router: Proxy | string;
    readonly broker: BenchBroker;
    readonly loadBefore: number;
  },
): Promise<void> {
  const machine = await describeMachine();
  const versions = [
    `MariaDB ${database.server.version}`,
    haproxy.version,
    ...(typeof router === 'string' ? [] : [router.version]),
    `Redis ${broker.redisVersion}`,
    `sysbench ${await versionOf('sysbench')}`,
  ];
  const quiet = loadBefore <= QUIET_LOAD_MAX;
  const { cpu, cores, memoryGib, system, node } = machine;
  say('');
  say(tableOf(outcomes));
  say('');
  say(`${cpu}, ${cores} cores, ${memoryGib} GiB; ${system}; Node.js ${node}; ${versions.join(', ')}`);
  say(`Medians of ${options.runs} runs of ${options.seconds} s, sides in turn; load before ${loadBefore.toFixed(2)}.`);
  if (!quiet) say('The machine was not quiet before the start: take the figures with care.');
  await mkdir(LOCAL, { recursive: true });
  const rows = outcomes.map((outcome) => ({ ...outcome, mark: outcomeMark(outcome) }));
  const at = new Date().toISOString();
  await writeFile(
    RESULT_FILE,
    `${JSON.stringify({ at, machine, versions, options, quiet, loadBefore, rows }, null, 2)}\n`,
  );
  say(`Written to ${RESULT_FILE}`);
}
