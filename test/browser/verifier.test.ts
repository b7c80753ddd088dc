import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { damagedVariants } from '../../src/apps/verify/damaged-variants.fixture.js';
import { recordedBy } from '../../src/protocol/target-protocol.js';
import { sealFixture, type SealedFixture } from '../../src/recording/testing/recordings.js';
import { verifyRecording } from '../../src/recording/verify/verify.js';
import type { Verdict } from '../../src/verifier/verdict.js';
import { useBrowser } from '../support/chromium.js';
import { ROOT } from '../support/folders.js';

/** As the page has it. */
const POLICY = `default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none';
  require-trusted-types-for 'script'; trusted-types doorwarden-verifier`.replaceAll(/\s+/g, ' ');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
const SCRIPT = `import { prepareVerifier, verifyInWorker } from '${ROOT}/src/web/replay/evidence/verify-in-worker.ts';
  window.chosen = () => document.querySelector('input').files[0];
  Object.assign(window, { prepareVerifier, verifyInWorker });`;
const HTML = `<!doctype html><html lang="en"><title>verifier</title><input type="file"><script type="module" src="/main.ts"></script>`;

const browser = useBrowser();
let folder: string;
let sealed: SealedFixture;
let server: Server;
let context: BrowserContext;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorwarden-verifier-'));
  sealed = await sealFixture(folder, { statements: 1_000, responseBytes: 600, limits: { segmentBytesMax: 200_000 } });
  await mkdir(join(folder, 'page'));
  await writeFile(join(folder, 'page', 'index.html'), HTML);
  await writeFile(join(folder, 'page', 'main.ts'), SCRIPT);
  const outDir = join(folder, 'built');
  await build({
    root: join(folder, 'page'),
    configFile: false,
    logLevel: 'error',
    build: { outDir, target: 'es2023' },
  });
  server = createServer(
    (request, response) =>
      void answer(request.url ?? '/', outDir).then(
        ([body, type]) =>
          response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(body),
        () => response.writeHead(404).end(),
      ),
  ).listen(0, '127.0.0.1');
  context = await browser().newContext();
  page = await context.newPage();
  page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
  page.on('pageerror', (error) => void faults.push(error.message));
  const address = server.address();
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
  await page.evaluate('prepareVerifier()');
  await context.setOffline(true);
}, 90_000);
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function answer(url: string, outDir: string): Promise<readonly [Buffer, string]> {
  const path = url === '/' ? 'index.html' : url.slice(1);
  return [await readFile(join(outDir, path)), TYPES[extname(path)] ?? 'application/octet-stream'];
}

async function verdictOf(bytes: Buffer, options: object = {}): Promise<Verdict> {
  await page.setInputFiles('input', { name: 'recording.tar', mimeType: 'application/x-tar', buffer: bytes });
  return page.evaluate<Verdict>(`verifyInWorker(chosen(), ${JSON.stringify(options)})`);
}

it('verifies in Chromium, in a worker, under the policy of the page, without the network', async () => {
  await expect(page.evaluate(`fetch('/', { cache: 'reload' })`)).rejects.toThrow('Failed to fetch');
  faults.length = 0;
  const { kty, crv, x } = sealed.privateJwk;
  const verdict = await verdictOf(await readFile(sealed.path), { keys: [{ kty, crv, x }], grant: '01JTEST' });
  expect(verdict).toMatchObject({
    ok: true,
    entries: sealed.report.entries,
    segments: sealed.report.segments,
    keyId: sealed.report.keyId,
    keyTrusted: true,
    notChecked: ['bodies', 'order'],
  });
  expect(faults).toEqual([]);
});

it('names in Chromium what the server names in a damaged file', async () => {
  const variants = await damagedVariants(sealed.path, await readFile(sealed.path));
  const chosen = variants.filter(({ inFrames }, at) => inFrames !== true && at % 2 === 0);
  const protocols = recordedBy(PROTOCOLS);
  for (const { what, bytes } of chosen) {
    const path = join(folder, 'changed.tar');
    await writeFile(path, bytes);
    const server = await verifyRecording(path, { protocols });
    const verdict = await verdictOf(bytes);
    const where = verdict.ok ? 'whole' : verdict.problem.where;
    expect({ what, where }).toEqual({ what, where: server.ok ? 'whole' : server.problem.where });
  }
  expect(chosen.length).toBeGreaterThan(40);
  expect(faults).toEqual([]);
});

it('stops when the page no longer wants it, and starts again', async () => {
  await page.setInputFiles('input', sealed.path);
  const stopped = `(() => { const stop = new AbortController();
    const ended = verifyInWorker(chosen(), { signal: stop.signal }); stop.abort(new Error('left'));
    return ended.then(() => 'went on', ({ message }) => message); })()`;
  expect(await page.evaluate(stopped)).toBe('left');
  await context.setOffline(false);
  expect(await verdictOf(await readFile(sealed.path))).toMatchObject({ ok: true });
});
