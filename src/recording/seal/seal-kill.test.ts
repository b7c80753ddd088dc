import { spawn } from 'node:child_process';
import { type FSWatcher, existsSync, readdirSync, statSync, watch } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.js';
import { inScratch, recordLive } from '../testing/recordings.js';
import { verifyRecording } from '../verify/verify.js';
import { sealRecording } from './seal.js';
import { generateSealKey, jwkSigner } from './signer.js';
import { NO_PROTOCOLS as protocols } from '../recorded-protocol.js';

const LOADER = fileURLToPath(new URL('../../kernel/load-typescript.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('../testing/seal-once.ts', import.meta.url));

/** The bytes of a file that is being made; -1 before it is there. */
function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

/**
 * Lets a child run and kills it with SIGKILL as soon as a file has so many bytes; false when it ended before. The system
 * tells of each write: to look again and again would take the processor from the child.
 */
async function killedAt(args: readonly string[], path: string, bytes: number): Promise<boolean> {
  const made = dirname(path);
  let inside: FSWatcher | undefined;
  const child = spawn(process.execPath, ['--import', LOADER, CHILD, ...args], { stdio: 'inherit' });
  const look = (): void => {
    if (bytesOf(path) >= bytes) child.kill('SIGKILL');
  };
  const outside = watch(dirname(made), () => {
    if (inside !== undefined || !existsSync(made)) return;
    inside = watch(made, look);
    look(); // at what came before it was watched
  });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (_code, signal) => resolve(signal === 'SIGKILL'));
    });
  } finally {
    outside.close();
    inside?.close();
  }
}

let scratch: string;
let recorded: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'doorwarden-seal-kill-'));
  recorded = join(scratch, '01JTEST');
  await recordLive(recorded, { statements: 2000, responseBytes: 100 });
});
afterAll(() => rm(scratch, { recursive: true }));

describe('sealing that is killed', () => {
  it.each([
    ['when a segment is being compressed', '1.zst', 0],
    ['when the frames of entries are begun', 'entries.jsonl.zst', 0],
    ['between two frames', 'entries.jsonl.zst', 100_000],
    ['when the index has a part of its lines', 'entries.index', 34],
    ['when the archive is begun', 'archive.tar', 0],
    ['when the archive has its entries in part', 'archive.tar', 100_000],
  ])(
    '%s leaves nothing that is taken for a sealed file, and the next one seals',
    { timeout: 60_000 },
    async (_when, file, bytes) => {
      await inScratch(async (root) => {
        const [directory, out] = [join(root, '01JTEST'), join(root, '01JTEST.tar')];
        await cp(recorded, directory, { recursive: true });
        const before = await readFile(join(directory, 'entries.jsonl'));
        const key = await generateSealKey();
        const half = join(`${out}.sealing`, file);
        expect(await killedAt([directory, out, JSON.stringify(key)], half, bytes)).toBe(true);
        expect(readdirSync(root)).toEqual(['01JTEST', '01JTEST.tar.sealing']);

        const signer = await jwkSigner(key);
        const seal = { grant: '01JTEST', directory, out, signer, protocols, clock: systemClock };
        const { sha256, ...report } = await sealRecording(seal);
        expect(await verifyRecording(out, { protocols, trustedKeys: [{ ...signer.publicKey }], sha256 })).toEqual(
          report,
        );
        expect(await readdir(root)).toEqual(['01JTEST', '01JTEST.tar']);
        expect((await readFile(join(directory, 'entries.jsonl'))).equals(before)).toBe(true);
      });
    },
  );
});
