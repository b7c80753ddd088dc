import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { z } from 'zod';
import { connectApi } from '../../src/client/api-client.js';
import { approvalPage } from '../../src/contracts/approvals/approval.js';
import { grantView } from '../../src/contracts/grants/grant.js';
import { policyList } from '../../src/contracts/policies/policy.js';
import { type Child, startChild } from '../support/child.js';
import { startChromium } from '../support/chromium.js';
import { runAsRoot } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { COMPILED, LOCAL, logFolder, makeTemporaryFolder, ROOT } from '../support/folders.js';
import { untilHeld } from '../support/decide.js';
import { agentOverStdio } from '../support/mcp/stdio-agent.js';

const run = promisify(execFile);
const QUICKSTART = join(ROOT, 'dist/apps/quickstart/main.js');
const START_MS_MAX = 120_000;

const readme = await readFile(join(ROOT, 'README.md'), 'utf8');

test('the quickstart carries one task through its whole life and leaves nothing running', async () => {
  const { stdout } = await run(process.execPath, [QUICKSTART, '--once'], { cwd: ROOT, env: environment() });
  expect(stdout).toMatch(/verif/i);
  expect(stdout).toContain('DELETE');
  expect(existsSync(join(LOCAL, 'quickstart.json'))).toBe(false);
}, 90_000);

describe('the README, typed line by line against the quickstart', () => {
  let quickstart: Child;
  let shell: Shell;
  let filesBefore: readonly string[];

  beforeAll(async () => {
    const logFile = join(await logFolder('quickstart'), 'quickstart.log');
    await rm(logFile, { force: true });
    quickstart = startChild({
      command: process.execPath,
      args: [QUICKSTART],
      logFile,
      env: environment(),
      cwd: ROOT,
    });
    await vi.waitFor(() => expect(quickstart.log()).toContain('Serving until Ctrl-C.'), { timeout: START_MS_MAX });
    filesBefore = readdirSync(ROOT);
    shell = new Shell();
  }, START_MS_MAX);
  afterAll(async () => {
    await shell?.close();
    quickstart?.signal('SIGTERM');
    await quickstart?.exited();
  }, 60_000);

  it('begins with the default policies as their first revision, which nobody wrote', async () => {
    const { api, keys } = await state();
    const { items } = await connectApi({ api, key: keys.operator }).get('/v1/policies', policyList);
    expect(items).toMatchObject([{ name: 'default', revision: 1, updatedBy: null }]);
  });

  it('every block works as it stands, own target included, and writes nothing into the tree', async () => {
    const said: string[] = [];
    for (const block of shellBlocks()) {
      if (isForNpm(block)) continue;
      if (block.includes('approvals watch')) await watchAndLeave();
      else said.push(await shell.type(block));
      if (block.trimEnd().endsWith('&')) await untilOneIsHeld(await shell.type('in_grant id'));
    }
    const all = said.join('\n');
    expect(all).not.toMatch(/"status":[45]\d\d|ERROR \d+|command not found/);
    for (const part of [
      '## What you may ask for',
      '"name":"crm"',
      'paid',
      'is approved.',
      '"state":"sealed"',
      ': verifies',
      '"name":"ci-bot"',
    ]) {
      expect(all).toContain(part);
    }
    expect(
      await shell.type(`MYSQL_PWD=$(of mariadb.password) mariadb --host=$(of mariadb.host) --port=$(of mariadb.port) \\
      --user=$(of mariadb.user) --batch --skip-column-names --execute='SELECT status FROM shop.orders WHERE id = 6'`),
    ).toBe('shipped\n');
    expect(readdirSync(ROOT)).toEqual(filesBefore);
  }, 180_000);

  it('shows an answer as it is', async () => {
    const shown: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '');
    const given: unknown = JSON.parse(await shell.type('cat "$WORK/grant.json"'));
    expect(keysIn(given)).toEqual(expect.arrayContaining([...keysIn(shown)]));
  });

  it('replays the task: times that add up, plain words, changes alone, and a summary', async () => {
    const replay = (options: string): Promise<string> => shell.type(`doorwarden replay ${options} "$WORK/$GRANT.tar"`);
    const all = await replay('');
    expect(all).not.toMatch(/COM_|MYSQL_TYPE_/);
    const sums = [...all.matchAll(/time: (.*) = ([\d.]+) ms/g)];
    expect(sums.length).toBeGreaterThan(1);
    for (const [, parts = '', total] of sums) {
      const added = [...parts.matchAll(/[\d.]+/g)].reduce((sum, [part]) => sum + Number(part), 0);
      expect(added.toFixed(3)).toBe(total);
    }
    const changes = await replay('--changes');
    expect(changes.match(/^\+.*$/gm)).toEqual([expect.stringContaining('held, approved, 1 row changed')]);
    expect(changes).toContain("UPDATE orders SET status = 'shipped' WHERE id = 6");
    expect(changes).toContain('It has left the house');
    expect(await replay('--denied')).toBe('');
    expect(await replay("--session 1 --grep 'group by'")).toContain('SELECT status, COUNT(*) FROM orders');
    expect(await replay('--summary')).toMatch(/^changed +1 row, by 1 statement$/m);
  }, 60_000);

  it('what the quickstart says to type next works as well', async () => {
    const [, toType] = /In another terminal.*\n([\s\S]*?)\n\n/.exec(quickstart.log()) ?? [];
    expect(await shell.type(toType ?? 'false')).toContain(': verifies');
  });

  it('every block of the page for agents works as well', async () => {
    const page = await readFile(join(ROOT, 'docs', 'agents.md'), 'utf8');
    const said: string[] = [];
    for (const [, block = ''] of page.matchAll(/```sh\n([\s\S]*?)```/g)) said.push(await shell.type(block));
    expect(said).toHaveLength(2);
    expect(said[0]).toContain('"state":"sealed"');
    expect(said[1]).toMatch(/^6\t/m);
  }, 60_000);

  it('prints the MCP server for itself, and it works as it is printed', async () => {
    const [, printed = '{}'] = /The file has\n(\s+\{[\s\S]*?\n {2}\})\n/.exec(quickstart.log()) ?? [];
    const config = mcpConfig.parse(JSON.parse(printed));
    expect(JSON.parse(await readFile(join(LOCAL, 'quickstart-mcp.json'), 'utf8'))).toEqual(config);
    expect((await state()).mcp).toEqual(config);
    const agent = await agentOverStdio(config.mcpServers.doorwarden);
    try {
      const asked = { target: 'shop', task: { title: 'Count orders' }, ttlSeconds: 60 };
      const { grant } = (await agent.call('request_access', asked)).facts;
      const counted = await agent.call('run_statement', { grant, sql: 'SELECT COUNT(*) FROM orders' });
      expect(counted.facts).toMatchObject({ rows: [[expect.anything()]] });
      expect((await agent.call('close_access', { grant })).facts).toMatchObject({ state: 'sealed' });
    } finally {
      await agent.close();
    }
  }, 60_000);

  it('opens with a task on the page: an approver decides it while its client waits, a reviewer reads it', async () => {
    const { api, keys, signIn } = await state();
    const { items } = await connectApi({ api, key: keys.approver }).get('/v1/approvals?state=pending', approvalPage);
    const grant = items[0]?.grant ?? 'nothing waits';
    const browser = await startChromium();
    try {
      const page = await browser.context.newPage();
      await page.goto(signIn.approver);
      await page.getByRole('heading', { name: /^UPDATE shop\.orders: 1 row of 6 changes/ }).waitFor();
      await expect.poll(() => page.title()).toBe('(1) Approvals · Doorwarden');
      await page.keyboard.press('a');
      await page.getByRole('button', { name: /^Approve this one run \(at most 1 row\)/, disabled: false }).waitFor();
      // The keys do nothing for a moment whenever the question changes.
      await vi.waitFor(
        async () => {
          await page.keyboard.press('Control+Enter');
          await page
            .getByRole('button', { name: /^Approve this one run/ })
            .waitFor({ state: 'hidden', timeout: 1_000 });
        },
        { timeout: 30_000 },
      );
      await page.getByText(/^Ran: 1 row/).waitFor();
      await untilSealed(grant, await state());
      await browser.context.clearCookies();
      await page.goto(signIn.reviewer);
      await page.goto(`${api}/recordings/${grant}`);
      await page.getByText("UPDATE orders SET status = 'shipped' WHERE customer_id = 1").first().waitFor();
    } finally {
      await browser.close();
    }
  }, 90_000);

  /** Its agent closes the grant by itself. */
  async function untilSealed(grant: string, { api, keys }: z.infer<typeof stateFile>): Promise<void> {
    const asAgent = connectApi({ api, key: keys.agent });
    const stateOf = async () => (await asAgent.get(`/v1/grants/${grant}`, grantView)).state;
    await vi.waitFor(async () => expect(await stateOf()).toBe('sealed'), { timeout: 45_000 });
  }

  async function untilOneIsHeld(grant: string): Promise<void> {
    const { api, keys } = await state();
    await untilHeld({ api, keys }, grant.trim());
  }
});

describe('with the local Slack', () => {
  it('shows the task in a channel, where a click of the approver lets it run, and one of somebody else does not', async () => {
    const logFile = join(await logFolder('quickstart-slack'), 'quickstart.log');
    await rm(logFile, { force: true });
    const quickstart = startChild({
      command: process.execPath,
      args: [QUICKSTART, '--slack'],
      logFile,
      env: environment(),
      cwd: ROOT,
    });
    const browser = await startChromium();
    try {
      await vi.waitFor(() => expect(quickstart.log()).toContain('Serving until Ctrl-C.'), { timeout: START_MS_MAX });
      const { slack } = await state();
      if (slack === null) throw new Error('The state file does not say where the local Slack is');
      const page = await browser.context.newPage();
      await page.goto(slack);
      await page.getByText('Denied: DELETE on shop').waitFor();
      expect(await page.getByText('quickstart-approver denied: Notes are kept').count()).toBe(1);
      await page.getByRole('link', { name: /^Somebody else/ }).click();
      await page.getByRole('button', { name: 'Approve (at most 1 row)' }).click();
      await page.getByText('slack_not_linked').waitFor();
      await page.goto(slack);
      await page.getByRole('button', { name: 'Approve (at most 1 row)' }).click();
      await page.getByRole('button', { name: 'Approve (at most 1 row)' }).waitFor({ state: 'detached' });
      const last = page.locator('.message', { hasText: 'Mark the parcel that left today as shipped' });
      await last.getByText('ran: 1 row').waitFor({ timeout: 45_000 });
      expect(await last.getByText(/^Approved: UPDATE on shop/).count()).toBe(1);
    } finally {
      await browser.close();
      quickstart.signal('SIGTERM');
      await quickstart.exited();
    }
  }, 300_000);
});

test('every npm script that the README names is there', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
  const named = shellBlocks()
    .join('\n')
    .matchAll(/npm (?:run )?(\w+)/g);
  expect([...named].map(([, name]) => name).filter((name) => !(String(name) in scripts))).toEqual([]);
});

test.each(engines())(
  'the provisioning account of the README can be made on $flavour as it is written there',
  async (engine) => {
    const blocks = [...readme.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => String(sql));
    const [block] = blocks.filter((sql) => sql.includes('XA_RECOVER_ADMIN') === (engine.flavour === 'mysql'));
    await runAsRoot(
      engine,
      (block ?? '')
        .trim()
        .split(/;\n?/)
        .filter((statement) => statement !== ''),
    );
    await runAsRoot(engine, ["DROP USER 'doorwarden_provisioning'@'%'"]);
  },
);

test('no paragraph of the README stands twice', () => {
  const paragraphs = readme.split(/\n{2,}/).filter((paragraph) => paragraph.length > 80);
  expect(paragraphs.filter((paragraph, index) => paragraphs.indexOf(paragraph) !== index)).toEqual([]);
  expect(readme.match(/and to give and take privileges for\s+single statements/g)).toHaveLength(1);
});

/** A shell that goes on from block to block, as a person's does, and ends with the first command that fails. */
class Shell {
  readonly #folder = makeTemporaryFolder();
  readonly #bash = spawn('bash', ['--norc', '-e'], { cwd: ROOT, env: environment(), stdio: ['pipe', 'pipe', 'pipe'] });
  #said = '';
  #blocks = 0;

  constructor() {
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
    }
  }

  /** What the block says. @throws Error when a command of it fails, with all that was said */
  async type(block: string): Promise<string> {
    this.#blocks += 1;
    const end = `(end of block ${this.#blocks})`;
    const file = join(this.#folder, `${this.#blocks}.sh`);
    await writeFile(file, block);
    const from = this.#said.length;
    this.#bash.stdin.write(`. '${file}' < /dev/null\necho '${end}'\n`);
    await vi.waitFor(
      () => {
        if (this.#said.includes(end, from)) return;
        throw new Error(`It has not ended:\n${block}\n${this.#said.slice(from)}`);
      },
      { timeout: 40_000, interval: 25 },
    );
    return this.#said.slice(from).replace(`${end}\n`, '');
  }

  async close(): Promise<void> {
    this.#bash.stdin.end();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The command that goes on until its person leaves: on a terminal, with Ctrl-C. */
async function watchAndLeave(): Promise<void> {
  const { api, keys } = await state();
  const watching = spawn('script', ['--quiet', '--return', '--command', 'doorwarden approvals watch', '/dev/null'], {
    env: {
      ...environment(),
      PATH: `${ROOT}${delimiter}${process.env['PATH']}`,
      DOORWARDEN_API: api,
      DOORWARDEN_API_KEY: keys.approver,
    },
  });
  let said = '';
  watching.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => watching.once('close', resolve));
  await vi.waitFor(() => expect(said).toContain('Waiting for approvals'), { timeout: 45_000 });
  watching.stdin.write('\u0003');
  await ended;
}

const mcpConfig = z.object({
  mcpServers: z.object({
    doorwarden: z.object({
      command: z.string(),
      args: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  }),
});

const stateFile = z.object({
  api: z.string(),
  keys: z.object({ operator: z.string(), approver: z.string(), reviewer: z.string(), agent: z.string() }),
  signIn: z.object({ operator: z.string(), approver: z.string(), reviewer: z.string() }),
  slack: z.string().nullable(),
  mcp: mcpConfig,
});

async function state(): Promise<z.infer<typeof stateFile>> {
  return stateFile.parse(JSON.parse(await readFile(join(LOCAL, 'quickstart.json'), 'utf8')));
}

function environment(): Readonly<Record<string, string>> {
  const given = Object.entries(process.env).filter(([name]) => name !== 'DATABASE_URL' && name !== 'REDIS_URL');
  return { ...Object.fromEntries(given.map(([name, value]) => [name, value ?? ''])), ...COMPILED };
}

function shellBlocks(): readonly string[] {
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => String(block));
}

function isForNpm(block: string): boolean {
  return block
    .trim()
    .split('\n')
    .every((line) => line.startsWith('npm '));
}

/** The paths of all keys, `connection.tls.ca` for one. */
function keysIn(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path === '' ? [] : [path];
  return Object.entries(value).flatMap(([key, inner]) => keysIn(inner, path === '' ? key : `${path}.${key}`));
}
