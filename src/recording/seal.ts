import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { formatUs, type Clock } from '../kernel/clock.js';
import { BrokerError } from '../kernel/errors.js';
import { readDamage } from './damage.js';
import type { RecordingFacts } from './entries-check.js';
import { wholeFile, writeAll } from './file-chunks.js';
import {
  ENTRIES_NAME,
  MANIFEST_NAME,
  RESERVE_NAME,
  SIGNATURE_NAME,
  liveDamagedName,
  liveSegmentName,
  sealedSegmentName,
} from './layout.js';
import { checkLiveRecording } from './live-check.js';
import { encodeManifest, type ManifestSegment } from './manifest.js';
import { readTornBytes } from './recovery.js';
import type { RawSegment } from './response-check.js';
import type { Signer } from './signer.js';
import { TAR_END_BYTES, encodeTarHeader, tarPaddingBytes } from './tar.js';
import { verifyRecording, type VerificationReport } from './verify.js';

export interface SealOptions {
  /** The closed live recording. */
  readonly directory: string;
  /** The sealed file to make, on a file system that can rename. */
  readonly out: string;
  readonly signer: Signer;
  readonly clock: Clock;
}

export type Sealed = Extract<VerificationReport, { ok: true }>;

/**
 * Makes the sealed file of a live recording that ends with grant.closed. Safe to run twice and after a crash: a sealed
 * file that is there and verifies is kept. Checks the live recording before it signs and the file before it gives it its
 * name; throws `recording_unavailable` when either does not hold. The live directory stays: see `removeLive`.
 */
export async function sealRecording(options: SealOptions): Promise<Sealed> {
  const { out } = options;
  if (existsSync(out)) {
    const found = await verifyRecording(out);
    if (found.ok) return found;
    if (!existsSync(join(options.directory, ENTRIES_NAME))) throw notWhole(found);
  }
  const scratch = `${out}.sealing`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    await rm(join(options.directory, RESERVE_NAME), { force: true });
    const unfinished = join(scratch, 'archive.tar');
    await writeArchive(options, scratch, unfinished);
    const report = await verifyRecording(unfinished, { trustedKeys: [{ ...options.signer.publicKey }] });
    if (!report.ok) throw notWhole(report);
    await rename(unfinished, out);
    await syncDirectory(dirname(out));
    return report;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Removes the live directory of a recording whose sealed file verifies; throws and removes nothing when it does not. */
export async function removeLive(directory: string, sealedPath: string): Promise<void> {
  const report = await verifyRecording(sealedPath);
  if (!report.ok) throw notWhole(report);
  await rm(directory, { recursive: true, force: true });
  await syncDirectory(dirname(directory));
}

async function writeArchive({ directory, signer, clock }: SealOptions, scratch: string, path: string): Promise<void> {
  const facts = await checkLive(directory);
  const damage = (await readDamage(directory)) ?? null;
  const segments: ManifestSegment[] = [];
  for (const raw of facts.segments) segments.push(await compressSegment(directory, scratch, raw));
  const manifest = encodeManifest({
    format: 'doorwarden-recording/1',
    grant: facts.opened.grant,
    principal: facts.opened.principal,
    task: facts.opened.task,
    target: facts.opened.target,
    entries: facts.entries,
    segments,
    statements: facts.statements,
    sessions: facts.sessions,
    closeReason: facts.closed.reason,
    interrupted: facts.closed.interrupted,
    tornBytes: readTornBytes(directory),
    damage,
    reconciliation: null,
    sealedAt: formatUs(clock.nowUs()),
    keyId: signer.keyId,
    logOfSeals: null,
  });
  const jws = await signer.sign(manifest);
  const archive = await open(path, 'wx', 0o600);
  try {
    await writeMember(archive, MANIFEST_NAME, manifest.length, [manifest]);
    await writeMember(archive, SIGNATURE_NAME, jws.length, [Buffer.from(jws, 'latin1')]);
    await copyMember(archive, ENTRIES_NAME, join(directory, ENTRIES_NAME), facts.entries.bytes);
    for (const segment of segments) {
      await copyMember(archive, segment.name, scratchSegment(scratch, segment.number), segment.bytes);
    }
    for (const [index, { name, bytes }] of (damage?.parts ?? []).entries()) {
      await copyMember(archive, name, join(directory, liveDamagedName(index + 1)), bytes);
    }
    await writeAll(archive, Buffer.alloc(TAR_END_BYTES));
    await archive.sync();
  } finally {
    await archive.close();
  }
}

/** The live recording checked like a sealed one, less its seal: what is broken is never signed. */
async function checkLive(directory: string): Promise<RecordingFacts> {
  const checked = await checkLiveRecording(directory);
  if ('problem' in checked) throw notWhole({ ok: false, problem: checked.problem });
  return checked.facts;
}

/** One zstd frame for each segment, compressed on the thread pool. */
async function compressSegment(directory: string, scratch: string, raw: RawSegment): Promise<ManifestSegment> {
  const digest = createHash('sha256');
  const out = await open(scratchSegment(scratch, raw.number), 'wx', 0o600);
  let bytes = 0;
  try {
    const source = wholeFile(join(directory, liveSegmentName(raw.number)));
    await pipeline(source, createZstdCompress(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        digest.update(chunk);
        bytes += chunk.length;
        await writeAll(out, chunk);
      }
    });
  } finally {
    await out.close();
  }
  const { number, rawBytes, rawSha256 } = raw;
  return { number, name: sealedSegmentName(number), bytes, sha256: digest.digest('hex'), rawBytes, rawSha256 };
}

function scratchSegment(scratch: string, segment: number): string {
  return join(scratch, `${segment}.zst`);
}

async function copyMember(archive: FileHandle, name: string, path: string, size: number): Promise<void> {
  await writeMember(archive, name, size, wholeFile(path));
}

async function writeMember(
  archive: FileHandle,
  name: string,
  size: number,
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
): Promise<void> {
  await writeAll(archive, encodeTarHeader({ name, size }));
  for await (const chunk of chunks) await writeAll(archive, chunk);
  await writeAll(archive, Buffer.alloc(tarPaddingBytes(size)));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function notWhole({ problem: { where, what } }: Extract<VerificationReport, { ok: false }>): BrokerError {
  return new BrokerError('recording_unavailable', { detail: `The recording does not hold at ${where}. ${what}` });
}
