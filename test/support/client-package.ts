import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { LOCAL, ROOT } from './folders.js';

const run = promisify(execFile);
const NAME = join('node_modules', '@doorwarden', 'client');
const PRISMA = join(ROOT, 'clients', 'typescript', 'examples', 'prisma');
/** npm runs by the Node.js that it finds first. */
const ENV = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };

const packed = z.tuple([
  z.object({ filename: z.string(), version: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

/** The package `@doorwarden/client` as npm would publish it, installed. */
export interface ClientPackage {
  readonly version: string;
  /** The paths of what is in it. */
  readonly files: readonly string[];
  /** A folder outside of the checkout that has it installed, and nothing else. */
  readonly alone: string;
  /** A folder inside of the checkout that has it, and finds the checkout's packages: drivers and mappers. */
  readonly amongPackages: string;
  remove(): Promise<void>;
}

/** Builds it, packs it, and installs it with npm in an empty folder, without a registry. */
export async function installClientPackage(): Promise<ClientPackage> {
  await run(process.execPath, [join(ROOT, 'scripts', 'client-package.mjs')], { cwd: ROOT });
  const alone = await mkdtemp(join(tmpdir(), `doorwarden-test-${process.pid}-`));
  const dist = join(ROOT, 'clients', 'typescript', 'dist');
  const { stdout } = await run('npm', ['pack', dist, '--json'], { cwd: alone, env: ENV });
  const [{ filename, version, files }] = packed.parse(JSON.parse(stdout));
  await writeFile(join(alone, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: alone, env: ENV });
  const amongPackages = join(LOCAL, 'test', `client-package-${process.pid}`);
  await copyPackage(alone, amongPackages);
  return {
    version,
    files: files.map(({ path }) => path).toSorted(),
    alone,
    amongPackages,
    async remove() {
      for (const folder of [alone, amongPackages]) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function copyPackage(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'package.json'), '{ "private": true, "type": "module" }');
  await cp(join(from, NAME), join(to, NAME), { recursive: true });
}

/** The folder of the example for Prisma, with Prisma as its lock says, its client made, and the package beside it. */
export async function installPrismaExample({ alone }: ClientPackage): Promise<string> {
  const folder = join(LOCAL, 'prisma-example');
  const stamp = join(folder, '.installed');
  const lock = await readFile(join(PRISMA, 'package-lock.json'), 'utf8');
  await cp(PRISMA, folder, { recursive: true });
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== lock) {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, env: ENV });
    await writeFile(stamp, lock);
  }
  // Prisma looks for its schema engine, which no step of this needs: without a file in its place it would be downloaded.
  const env = { ...ENV, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  const prisma = join(folder, 'node_modules', 'prisma', 'build', 'index.js');
  await run(process.execPath, [prisma, 'generate'], { cwd: folder, env });
  await rm(join(folder, NAME), { recursive: true, force: true });
  await cp(join(alone, NAME), join(folder, NAME), { recursive: true });
  return folder;
}

/** What the package is said to do in the first block of its page. */
export async function readmeExample(target: string): Promise<string> {
  const text = await readFile(join(ROOT, 'clients', 'typescript', 'README.md'), 'utf8');
  const block = /```ts\n([^]*?)```/.exec(text)?.[1];
  if (block === undefined || !block.includes("'orders-db'")) throw new Error('The page has no example with a target');
  return block.replace("'orders-db'", JSON.stringify(target));
}
