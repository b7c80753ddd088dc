import { parseArgs } from 'node:util';
import { connectApi } from '../../client/api-client.js';
import { bringUp, type Serving } from './bring-up.js';
import { AlreadyRunning, takeLock } from './lock.js';
import { type McpConfig, removeMcpConfig, writeMcpConfig } from './mcp-config.js';
import { PATHS, shown } from './paths.js';
import { makeSignInLinks, type SignInLinks } from './people.js';
import { Processes, type RunningProcess, tailOf } from './processes.js';
import { Report, StepFailed } from './report.js';
import { DATABASE, TARGET } from './shop.js';
import { pageOf, seeQuestion } from './slack/quickstart-slack.js';
import { removeStateFile, writeStateFile } from './state-file.js';
import { openWaitingTask } from './waiting-task.js';

const EXIT_HELD = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const HELP = `npm run quickstart [-- OPTIONS]

Starts MariaDB and Redis as private processes on free loopback ports, migrates, starts the broker, registers a demo
database, and carries one agent's task through its whole life: grant, reads, an UPDATE that a person approves after a look
at its preview, a DELETE that is denied, a DROP that nobody is asked about, close, seal, verify, replay. Then a second
task waits for you on the page, and the broker serves until Ctrl-C.

  --slack  start a workspace that stands in for Slack beside them: a page of this machine shows the broker's messages as
           people would see them, and there you click as one of them; nobody needs an account
  --once   stop everything after the task; exit code 0 only if every step held
  --help   show this

Each run begins from nothing. With DATABASE_URL set, that state database is used and kept, with its keys and recordings
in ${shown(PATHS.kept)}; with REDIS_URL set, that Redis. The demo database is always on a private MariaDB.
While it serves, ${shown(PATHS.state)} (mode 600) holds the API's address, a key for each role and a login to the demo
database; ${shown(PATHS.mcpConfig)} has its MCP server as clients configure it. Logs are in ${shown(PATHS.logs)}.
`;

process.exit(await main(process.argv.slice(2)));

async function main(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === undefined) return EXIT_USAGE;
  const report = new Report();
  if (options.help) {
    report.say(HELP.trimEnd());
    return EXIT_HELD;
  }
  try {
    await takeLock();
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_FAILED;
  }
  return runOnce(report, options);
}

interface QuickstartOptions {
  readonly once: boolean;
  readonly slack: boolean;
  readonly help: boolean;
}

function optionsOf(args: string[]): QuickstartOptions | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ args, options: { once: flag, slack: flag, help: flag } }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return undefined;
  }
}

/** Why the quickstart stops before its work is done. */
type Stop = { readonly signal: string } | { readonly lost: RunningProcess };

async function runOnce(report: Report, { once, slack }: QuickstartOptions): Promise<number> {
  const stop = Promise.withResolvers<Stop>();
  const processes = new Processes((lost) => stop.resolve({ lost }));
  onStopWanted((signal) => stop.resolve({ signal }));
  removeStateFile();
  removeMcpConfig();
  try {
    const up = bringUp(report, processes, { withSlack: slack });
    up.catch(() => {}); // when it is interrupted, what its steps then say does not matter
    const first = await Promise.race([up, stop.promise]);
    if (isStop(first)) return tellStop(report, first, EXIT_INTERRUPTED);
    report.say(`\n${first.evidence.transcript.trimEnd()}\n\n${report.summary()}`);
    if (once) return EXIT_HELD;
    const open = openToPeople(report, first);
    open.catch(() => {}); // as above
    const second = await Promise.race([open, stop.promise]);
    if (isStop(second)) return tellStop(report, second, EXIT_INTERRUPTED);
    await serve(report, { ...first, ...second });
    return tellStop(report, await stop.promise, EXIT_HELD);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    tellFailure(processes, error);
    return EXIT_FAILED;
  } finally {
    removeStateFile();
    removeMcpConfig();
    await processes.stopAll();
  }
}

/** What people need who come now. */
interface OpenToPeople {
  /** Null where an identity provider signs people in. */
  readonly signIn: SignInLinks | null;
}

async function openToPeople(report: Report, serving: Serving): Promise<OpenToPeople> {
  await openSecondTask(report, serving);
  return { signIn: (await makeSignInLinks(serving.api, serving.env)) ?? null };
}

async function openSecondTask(report: Report, { api, keys, slack }: Serving): Promise<void> {
  report.say('\nWhat is left for you');
  await openWaitingTask(report, connectApi({ api, key: keys.agent }), connectApi({ api, key: keys.approver }));
  if (slack === null) return;
  await report.step('It waits in the local Slack too', async (note) => note(await seeQuestion(slack)), {
    process: 'worker',
  });
}

async function serve(
  report: Report,
  { api, keys, admin, evidence, env, signIn, slack }: Serving & OpenToPeople,
): Promise<void> {
  const mcp = await writeMcpConfig(api, keys.agent);
  await writeStateFile({
    ready: true,
    node: process.execPath,
    api,
    web: `${api}/`,
    keys,
    agentKeyFile: PATHS.agentKey,
    mcp,
    target: TARGET,
    database: DATABASE,
    mariadb: admin,
    databaseUrl: env['DATABASE_URL'] ?? null,
    signIn,
    slack: slack === null ? null : pageOf(slack),
  });
  report.say(
    [
      '',
      `The API is at ${api}, its description at ${api}/docs.`,
      ...(signIn === null
        ? []
        : [
            '',
            'Open the page: each of these links signs you in with a browser, once, within 15 minutes.',
            ...Object.entries(signIn).map(([role, link]) => `  ${role.padEnd(8)}  ${link}`),
            '',
          ]),
      ...(slack === null
        ? []
        : [`The local Slack, where you click as the approver or as somebody else: ${pageOf(slack)}`, '']),
      ...mcpLines(mcp, api),
      `Keys for each role, and a login to the demo database, are in ${shown(PATHS.state)} (mode 600).`,
      '',
      'In another terminal, in this folder (README.md goes on from there):',
      '  export PATH="$PWD:$PATH"',
      `  doorwarden verify --keys ${shown(evidence.keys)} ${shown(evidence.recording)}`,
      `  doorwarden replay --summary ${shown(evidence.recording)}`,
      '',
      'Serving until Ctrl-C.',
    ].join('\n'),
  );
}

/** How an MCP client gets at this broker. */
function mcpLines(mcp: McpConfig, api: string): readonly string[] {
  return [
    `For an agent with MCP, Claude Code for one: claude --mcp-config ${shown(PATHS.mcpConfig)}. The file has`,
    ...JSON.stringify(mcp, null, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    `Over HTTP it is at ${api}/mcp, with the agent's key; what an agent reads first is at ${api}/llms.txt.`,
    '',
  ];
}

/** Signals, and the end of the terminal or of the npm script that this process belongs to. Further ones change nothing. */
function onStopWanted(stop: (signal: string) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  process.stdout.on('error', () => stop('the end of its terminal'));
  process.stderr.on('error', () => {});
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop('the end of its npm script');
  }, 500).unref();
}

function isStop(first: Serving | OpenToPeople | Stop): first is Stop {
  return 'signal' in first || 'lost' in first;
}

function tellStop(report: Report, stop: Stop, exitCode: number): number {
  if ('signal' in stop) {
    report.say(`\nStopping everything, because of ${stop.signal}.`);
    report.mute();
    return exitCode;
  }
  const during = report.underWay.map((step) => `"${step}"`).join(' and ');
  report.mute();
  const where = during === '' ? '' : `The step ${during} failed: `;
  process.stderr.write(`\n✗ ${where}the process ${stop.lost.name} ended by itself.\n`);
  tellLogs([stop.lost]);
  return EXIT_FAILED;
}

function tellFailure(processes: Processes, { step, process: involved, message }: StepFailed): void {
  process.stderr.write(`\n✗ The step "${step}" failed: ${message}\n`);
  const named = involved === undefined ? undefined : processes.find(involved);
  tellLogs(processes.lost.length > 0 || named === undefined ? processes.lost : [named]);
}

function tellLogs(processes: readonly RunningProcess[]): void {
  for (const { name, log } of processes) {
    process.stderr.write(`\nThe end of ${shown(PATHS.logs)}/${name}.log:\n${tailOf(log())}\n`);
  }
}
