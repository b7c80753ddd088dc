import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approvalPage } from '../../src/contracts/approvals/approval.js';
import { grantPage, type GrantView } from '../../src/contracts/grants/grant.js';
import { decide } from '../support/approvals.js';
import { type Child, startChild } from '../support/child.js';
import {
  type ClientPackage,
  installClientPackage,
  installPrismaExample,
  readmeExample,
} from '../support/client-package.js';
import { engines } from '../support/engines.js';
import { logFolder, ROOT } from '../support/folders.js';
import { registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { useSharedBroker } from '../support/shared-broker.js';

const run = promisify(execFile);
const EXAMPLES = join(ROOT, 'clients', 'typescript', 'examples');
const ENDS_MS_MAX = 60_000;
/** That it waits is told at every change until somebody has decided. */
const PRINTED = /^1: 10, 2: \d\d, 3: 30\n(waits: http\S+\n)*changed: 1\n$/;

/** Reads run, changes wait for somebody, and so do grants for a long time. A driver may set its session up. */
const LONG_TTL_SECONDS = 1_200;
const POLICIES = `
@id("grants") permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds < ${LONG_TTL_SECONDS} };
@id("long") @hold("10m") permit (principal, action == Action::"requestGrant", resource) when { context.approved };
@id("reads") permit (principal, action in [Action::"read", Action::"session"], resource);
@id("changes") @hold("10m") permit (principal, action in Action::"write", resource) when { context.approved };
`;

const broker = useSharedBroker(POLICIES);
let installed: ClientPackage;
const shops: ShopTarget[] = [];

beforeAll(async () => {
  installed = await installClientPackage();
  const limits = { privileges: ['SELECT', 'UPDATE'] };
  for (const server of engines()) shops.push(await registerShop(broker(), server, limits));
}, 300_000);
afterAll(async () => {
  for (const shop of shops) await shop.drop();
  await installed?.remove();
});

async function start(file: string, shop: ShopTarget): Promise<Child> {
  return startChild({
    command: process.execPath,
    args: [file],
    logFile: join(await logFolder('client-package'), `${shop.name}-${Math.random().toString(36).slice(2)}.log`),
    env: {
      PATH: process.env['PATH'] ?? '',
      DOORWARDEN_API: broker().api,
      DOORWARDEN_API_KEY: broker().keys.agent,
      DOORWARDEN_TARGET: shop.name,
      DOORWARDEN_DATABASE: shop.database,
    },
    cwd: join(file, '..'),
  });
}

async function ended(child: Child): Promise<string> {
  await vi.waitFor(() => expect(child.hasExited).toBe(true), { timeout: ENDS_MS_MAX, interval: 50 });
  return child.log();
}

/** Lets an example run, approves the change that it asks for, and gives what it printed. */
async function runExample(file: string, shop: ShopTarget): Promise<string> {
  const child = await start(file, shop);
  const asked = await vi.waitFor(
    async () => {
      const path = `/v1/approvals?state=pending&target=${shop.name}`;
      const [first] = bodyOf(await callAs(broker(), 'approver', { path }), approvalPage).items;
      if (first === undefined && !child.hasExited) throw new Error('Nothing is asked yet');
      return first;
    },
    { timeout: ENDS_MS_MAX, interval: 50 },
  );
  if (asked !== undefined) await decide(broker(), asked.id, { decision: 'approve' });
  return ended(child);
}

async function grantsOf(shop: ShopTarget): Promise<readonly GrantView[]> {
  return bodyOf(await callAs(broker(), 'agent', { path: `/v1/grants?target=${shop.name}` }), grantPage).items;
}

function mariadbShop(): ShopTarget {
  const [shop] = shops;
  if (shop === undefined) throw new Error('There is no shop');
  return shop;
}

describe('the package', () => {
  it('has its code, its types and its papers, and needs no other package', async () => {
    const papers = ['LICENSE', 'README.md', 'client.js', 'package.json'];
    const types = installed.files.filter((path) =>
      /^types\/(client|contracts(\/[a-z-]+)?|domain)\/[a-z-]+\.d\.ts$/.test(path),
    );
    expect(installed.files).toEqual([...papers, ...types]);
    const own: unknown = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(own).toMatchObject({ version: installed.version });
    const folder = join(installed.alone, 'node_modules', '@doorwarden', 'client');
    const about: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(Object(about))).not.toContain('dependencies');
    const code = await readFile(join(folder, 'client.js'), 'utf8');
    const imported = [...code.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => name?.startsWith('node:') !== true)).toEqual([]);
  });

  it('is imported in a folder that has nothing else, and fails with what it says', async () => {
    const code = `
      import { ApiFailure, connectDoorwarden } from '@doorwarden/client';
      const client = connectDoorwarden({ api: 'http://127.0.0.1:2', credential: 'k', retry: { firstMs: 0, laterMs: 0 } });
      const failure = await client.me().catch((error) => error);
      console.log(failure instanceof ApiFailure, failure.message);
    `;
    await writeFile(join(installed.alone, 'consumer.js'), code);
    const { stdout } = await run(process.execPath, [join(installed.alone, 'consumer.js')]);
    expect(stdout).toBe('true The API at http://127.0.0.1:2 cannot be reached: ECONNREFUSED.\n');
  });

  it('has types that hold in a strict program, whose libraries are checked too', async () => {
    const code = `
      import { connectDoorwarden, type GrantProgress, openGrant, withGrant } from '@doorwarden/client';
      const client = connectDoorwarden({ api: 'http://127.0.0.1:2', credential: async () => 'k' });
      const request = { client, target: 'crm', task: { title: 'Count' }, ttlSeconds: 60 };
      export const told = ({ kind }: GrantProgress): string => kind;
      export const link = (progress: GrantProgress): string =>
        progress.kind === 'waits-for-people' ? progress.link : progress.grant.state;
      export const port: Promise<number> = withGrant(request, ({ port }) => port);
      // @ts-expect-error a deadline is a number of seconds
      export const late = openGrant(client, { ...request, ttlSeconds: '10m' });
      // @ts-expect-error there is no such state
      export const isOpen = (progress: GrantProgress): boolean => progress.kind === 'open';
      // @ts-expect-error the password is a text
      export const password: Promise<number> = withGrant(request, (connection) => connection.password);
    `;
    await writeFile(join(installed.alone, 'consumer.ts'), code);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      skipDefaultLibCheck: true, // TypeScript's own
      noEmit: true,
    };
    await writeFile(
      join(installed.alone, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const said = await run(process.execPath, [tsc, '-p', installed.alone]).then(
      ({ stdout }) => stdout,
      (error: unknown) => String(Object(error).stdout),
    );
    expect(said).toBe('');
  });
});

describe('its page and its examples', () => {
  it('run: the first block of the page', async () => {
    const file = join(installed.amongPackages, 'readme.ts');
    await writeFile(file, await readmeExample(mariadbShop().name));
    expect(await ended(await start(file, mariadbShop()))).toBe('[ { orders: 3 } ]\n');
  });

  it.each(['mysql2', 'drizzle', 'knex'])('run, with a change that somebody approves: %s', async (name) => {
    const file = join(installed.amongPackages, `${name}.ts`);
    await copyFile(join(EXAMPLES, `${name}.ts`), file);
    for (const said of await Promise.all(shops.map((shop) => runExample(file, shop)))) expect(said).toMatch(PRINTED);
    for (const shop of shops) expect((await grantsOf(shop))[0]?.state).toMatch(/^(closing|sealed)$/);
  });

  it('run, with a change that somebody approves: Prisma', { timeout: 300_000 }, async () => {
    const folder = await installPrismaExample(installed);
    const file = join(folder, 'main.ts');
    for (const said of await Promise.all(shops.map((shop) => runExample(file, shop)))) expect(said).toMatch(PRINTED);
  });
});

describe('a program that is told to end', () => {
  const programOf = (ttlSeconds: number): string => `
    import { addressOfEnvironment, connectDoorwarden, withGrant } from '@doorwarden/client';
    const client = connectDoorwarden(addressOfEnvironment());
    const request = { target: process.env.DOORWARDEN_TARGET, task: { title: 'Endless' }, ttlSeconds: ${ttlSeconds} };
    const onProgress = ({ kind, grant }) => console.log(kind, grant.id);
    await withGrant({ client, ...request, onProgress, closeOnSignals: true }, async (_, { grant }) => {
      console.log('works', grant.id);
      await new Promise(() => setInterval(() => undefined, 1000));
    });
  `;

  async function runUntil(
    word: string,
    ttlSeconds: number,
  ): Promise<{ readonly child: Child; readonly grant: string }> {
    const file = join(installed.amongPackages, `endless-${ttlSeconds}.ts`);
    await writeFile(file, programOf(ttlSeconds));
    const child = await start(file, mariadbShop());
    const grant = await vi.waitFor(
      () => {
        const found = new RegExp(`^${word} ([0-9a-z]{26})$`, 'm').exec(child.log())?.[1];
        if (found === undefined) throw new Error(`Not there yet:\n${child.log()}`);
        return found;
      },
      { timeout: ENDS_MS_MAX, interval: 50 },
    );
    return { child, grant };
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s closes its grant first, and then ends by it', async (signal) => {
    const { child, grant } = await runUntil('works', 600);
    child.signal(signal);
    await ended(child);
    expect(child.exitCode).toBeNull(); // it ended by the signal
    const { closeReason } = await untilState(broker(), grant, 'sealed');
    expect(closeReason).toBe('completed');
  });

  it('while it waits for people takes its question back', async () => {
    const { child, grant } = await runUntil('waits-for-people', LONG_TTL_SECONDS);
    child.signal('SIGINT');
    await ended(child);
    expect(child.exitCode).toBeNull();
    await untilState(broker(), grant, 'refused');
    const path = `/v1/approvals?grant=${grant}`;
    const { items } = bodyOf(await callAs(broker(), 'approver', { path }), approvalPage);
    expect(items.map(({ state }) => state)).toEqual(['cancelled']);
  });
});
