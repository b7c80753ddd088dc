import { spawn, spawnSync } from 'node:child_process';
import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { sealRecording } from '../seal/seal.js';
import { generateSealKey, jwkSigner } from '../seal/signer.js';
import {
  grantClosed,
  grantOpened,
  inScratch,
  recordLive,
  result,
  sessionOpened,
  unpack,
} from '../testing/recordings.js';
import { entriesOf } from '../testing/sealed-members.js';
import { RecordingWriter, type Durability } from './writer.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

const LOADER = fileURLToPath(new URL('../../kernel/load-typescript.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('../testing/append-forever.ts', import.meta.url));

function childCommand(directory: string, durability: Durability, limits = {}): string[] {
  return [process.execPath, '--import', LOADER, CHILD, directory, durability, JSON.stringify(limits)];
}

/** Lets a child record and kills it with SIGKILL once it has released this many statements; gives what it released. */
function recordAndKill(directory: string, durability: Durability, statements: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const [command = '', ...parameters] = childCommand(directory, durability, { segmentBytesMax: 100_000 });
    const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let seen = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      seen += chunk.filter((byte) => byte === 0x0a).length;
      if (seen >= statements) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => {
      resolve([...output.matchAll(/^r (\d+)\n/gm)].map((match) => Number(match[1])));
    });
  });
}

/** What the reaper does: goes on with the recording, closes it and seals it. Gives the statements in it and its manifest. */
async function reapAndSeal(directory: string) {
  const live = join(directory, 'g');
  const writer = RecordingWriter.reopen({ directory: live, clock: systemClock, durability: 'process' });
  writer.appendClosing(grantClosed(true));
  await writer.close();
  return sealed(directory);
}

async function sealed(directory: string) {
  const path = join(directory, 'g.tar');
  const signer = await jwkSigner(await generateSealKey());
  await sealRecording({
    grant: '01JTEST',
    directory: join(directory, 'g'),
    out: path,
    signer,
    protocols,
    clock: systemClock,
  });
  const members = await unpack(path);
  const entries = await entriesOf(members);
  const manifest: unknown = JSON.parse(members.get('manifest.json')?.toString('utf8') ?? '');
  return {
    statements: [...entries.matchAll(/"operation":(\d+),"name":"COM_QUERY","verdict"/g)].map((m) => Number(m[1])),
    manifest,
  };
}

describe('a writer that is killed', () => {
  it.each([
    ['process', 1],
    ['process', 237],
    ['process', 2_000],
    ['disk', 100],
  ] as const)(
    'has lost no statement that it released (%s, after %i)',
    { timeout: 30_000 },
    async (durability, statements) => {
      await inScratch(async (directory) => {
        const released = await recordAndKill(join(directory, 'g'), durability, statements);
        expect(released.length).toBeGreaterThanOrEqual(statements);
        const found = await reapAndSeal(directory);
        expect(found.statements.slice(0, released.length)).toEqual(released);
        expect(found.manifest).toMatchObject({ interrupted: true, closeReason: 'failed' });
      });
    },
  );
});

describe('reopening', () => {
  const live = (directory: string) => join(directory, 'g');
  const entries = (directory: string) => join(directory, 'g', 'entries.jsonl');

  async function unfinished(directory: string, withEnd = false): Promise<void> {
    await recordLive(live(directory), { statements: 3, responseBytes: 100 });
    if (withEnd) return;
    const lines = (await readFile(entries(directory), 'utf8')).split('\n');
    await writeFile(
      entries(directory),
      lines
        .slice(0, -4)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  it('cuts a line without its end and response bytes without their line, and the seal says how many', async () => {
    await inScratch(async (directory) => {
      await unfinished(directory);
      await appendFile(entries(directory), '{"seq":9,"pr');
      await appendFile(join(live(directory), 'responses-000001.bin'), Buffer.alloc(30));
      expect((await reapAndSeal(directory)).manifest).toMatchObject({
        tornBytes: 42,
        operations: 3,
        interrupted: true,
      });
    });
  });

  it('counts what it cut once when it runs again', async () => {
    await inScratch(async (directory) => {
      await unfinished(directory);
      await appendFile(entries(directory), '{"seq":9');
      const options = { directory: live(directory), clock: systemClock, durability: 'process' } as const;
      for (let run = 0; run < 3; run += 1) {
        const writer = RecordingWriter.reopen(options);
        expect(writer.tornBytes).toBe(8);
        await writer.close();
      }
    });
  });

  it('cuts lines of zeros and a result whose response never reached the disk', async () => {
    await inScratch(async (directory) => {
      await unfinished(directory);
      await appendFile(entries(directory), Buffer.concat([Buffer.alloc(100), Buffer.from('\n'), Buffer.alloc(50)]));
      await truncate(join(live(directory), 'responses-000001.bin'), 250);
      const found = await reapAndSeal(directory);
      expect(found.statements).toEqual([1, 2, 3]);
    });
  });

  it('refuses damage that whole lines follow, and changes nothing', async () => {
    await inScratch(async (directory) => {
      await unfinished(directory);
      const damaged = (await readFile(entries(directory), 'utf8')).replace('SELECT 2', 'SELECT 7');
      await writeFile(entries(directory), damaged);
      expect(() =>
        RecordingWriter.reopen({ directory: live(directory), clock: systemClock, durability: 'process' }),
      ).toThrow('damaged');
      expect(await readFile(entries(directory), 'utf8')).toBe(damaged);
    });
  });

  it('goes on with the numbers, the chain and the segment', async () => {
    await inScratch(async (directory) => {
      await unfinished(directory);
      const writer = RecordingWriter.reopen({ directory: live(directory), clock: systemClock, durability: 'process' });
      const capture = writer.captureResponse();
      capture.take(Buffer.alloc(50));
      expect(capture.finish()).toMatchObject({ segment: 1, offset: 300 });
      capture.discard();
      await writer.close();
      expect((await reapAndSeal(directory)).manifest).toMatchObject({ interrupted: true, tornBytes: 0 });
    });
  });
});

describe('a disk without space', () => {
  const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;

  it.skipIf(!canMount)(
    'stops releasing, and still closes and seals with the reserve',
    { timeout: 30_000 },
    async () => {
      await inScratch(async (directory) => {
        const disk = join(directory, 'disk');
        await mkdir(disk);
        const child = childCommand(join(disk, 'g'), 'process', { reserveBytes: 64 * 1024 }).map((word) => `'${word}'`);
        const script = `mount -t tmpfs -o size=2m tmpfs '${disk}' && ${child.join(' ')}; cp -r '${disk}/g' '${directory}/g'`;
        const { stdout } = spawnSync('unshare', ['-rm', 'bash', '-c', script], { encoding: 'utf8' });
        expect(stdout.match(/^failed recording_unavailable$/gm)).toHaveLength(1);
        expect(stdout).toContain('\nclosed\n');
        const released = [...stdout.matchAll(/^r (\d+)$/gm)].map((match) => Number(match[1]));
        expect(released.length).toBeGreaterThan(100);
        const found = await sealed(directory);
        expect(found.statements.slice(0, released.length)).toEqual(released);
        expect(found.manifest).toMatchObject({ interrupted: false, closeReason: 'failed' });
      });
    },
  );

  it(
    'fails once at the limit of a file, and releases nothing that is not whole in it',
    { timeout: 30_000 },
    async () => {
      await inScratch(async (directory) => {
        const child = childCommand(join(directory, 'g'), 'process', { reserveBytes: 0 }).map((word) => `'${word}'`);
        const { stdout } = spawnSync('bash', ['-c', `ulimit -f 300; ${child.join(' ')}`], { encoding: 'utf8' });
        expect(stdout.match(/^failed recording_unavailable$/gm)).toHaveLength(1);
        const released = [...stdout.matchAll(/^r (\d+)$/gm)].map((match) => Number(match[1]));
        expect(released.length).toBeGreaterThan(50);
        const path = join(directory, 'g', 'entries.jsonl');
        expect((await stat(path)).size).toBeLessThanOrEqual(300 * 1024);
        const found = stdout.includes('\nclosed\n') ? await sealed(directory) : await reapAndSeal(directory);
        expect(found.statements.slice(0, released.length)).toEqual(released);
      });
    },
  );

  it('makes append throw and never releases, also when the file goes away under it', async () => {
    await inScratch(async (directory) => {
      const writer = await RecordingWriter.create({
        directory: join(directory, 'g'),
        clock: systemClock,
        durability: 'process',
        limits: { reserveBytes: 0 },
      });
      let released = 0;
      let failures = 0;
      writer.onFailure(() => {
        failures += 1;
      });
      writer.append(grantOpened);
      // The first response opens the segment: a directory in its place makes that fail.
      await mkdir(join(directory, 'g', 'responses-000001.bin'));
      const capture = writer.captureResponse();
      capture.take(Buffer.alloc(10));
      writer.append(result(1, capture.finish()));
      writer.append(sessionOpened, () => {
        released += 1;
      });
      expect(() => {
        writer.flushNow();
      }).toThrow('recording_unavailable');
      expect(() => writer.append(sessionOpened)).toThrow('recording_unavailable');
      expect(() => writer.appendClosing(sessionOpened)).toThrow('recording_unavailable');
      await new Promise((resolve) => setImmediate(resolve));
      expect([released, failures]).toEqual([0, 1]);
      expect(writer.failure?.code).toBe('recording_unavailable');
      await writer.close();
    });
  });
});
