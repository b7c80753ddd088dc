import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import type { JWK } from 'jose';
import { assert } from '../../kernel/assert.js';
import { formatUs, type Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import { readDamage } from '../write/damage.js';
import type { RecordingFacts } from '../verify/entries-check.js';
import { LARGE_CHUNK_BYTES, wholeFile, writeAll } from '../chain/file-chunks.js';
import { fileDigest } from '../chain/file-digest.js';
import { INDEX_LINE_BYTES } from '../frames/frame-index.js';
import { writeFrames } from '../frames/frame-writer.js';
import { FrameWalk } from '../frames/zstd-frame.js';
import {
  ENTRIES_NAME,
  FRAMES_NAME,
  INDEX_NAME,
  MANIFEST_NAME,
  RESERVE_NAME,
  SIGNATURE_NAME,
  liveDamagedName,
  liveSegmentName,
  sealedSegmentName,
} from '../write/layout.js';
import { checkLiveRecording } from '../verify/live-check.js';
import { encodeManifest, targetAsWritten, type ManifestFrames, type ManifestSegment } from './manifest.js';
import { OPEN, inDirectory, isThere, openOwn, removeOwn, syncDirectory } from '../write/own-files.js';
import { readTornBytes } from '../write/recovery.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import type { RawSegment } from '../verify/response-check.js';
import type { Signer } from './signer.js';
import { TAR_END_BYTES, encodeTarHeader, tarPaddingBytes } from './tar.js';
import { verifyOpened, type VerificationReport } from '../verify/verify.js';

export interface SealOptions {
  /** The grant whose recording it is. */
  readonly grant: string;
  /** The closed live recording. */
  readonly directory: string;
  /** The sealed file to make, on a file system that can rename. */
  readonly out: string;
  readonly signer: Signer;
  /** By which bodies are checked before they are sealed. */
  readonly protocols: RecordedProtocols;
  /** Older keys of the broker: a file of an earlier run may have been signed with one. */
  readonly trustedKeys?: readonly JWK[];
  readonly clock: Clock;
}

/** What holds of a sealed file, and the SHA-256 of that file, hex: a file with this digest need not be verified again. */
export type Sealed = Extract<VerificationReport, { ok: true }> & { readonly sha256: string };

/**
 * Makes the sealed file of a live recording that ends with grant.closed. Safe to run twice and after a crash: a sealed
 * file that is there, is this grant's, and is signed by the broker is kept; anything else there is set aside, because it
 * may be all that is left of another recording. Checks the live recording before it signs and the file before it gives it
 * its name; throws `recording_unavailable` when either does not hold. The live directory stays: see `removeLive`.
 */
export async function sealRecording(options: SealOptions): Promise<Sealed> {
  const { out, directory } = options;
  const found = await sealedBefore(options);
  if (found !== undefined) return found;
  await mkdir(dirname(out), { recursive: true });
  const scratch = `${out}.sealing`;
  await rm(scratch, { recursive: true, force: true });
  // Not recursive: what somebody else has put here again is not taken.
  await mkdir(scratch, { mode: 0o700 });
  try {
    removeOwn(directory, RESERVE_NAME);
    await writeArchive(options, scratch);
    const unfinished = await openOwn(scratch, ARCHIVE_NAME, OPEN.read);
    try {
      const report = await verifiedFile(unfinished, options);
      if (!report.ok) throw notWhole(report);
      inDirectory(scratch, (at) => renameSync(join(at, ARCHIVE_NAME), out));
      await syncDirectory(dirname(out));
      return report;
    } finally {
      await unfinished.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Removes the live directory of a recording, given the report of the sealed file that is kept in its place. */
export async function removeLive(directory: string, sealed: Sealed): Promise<void> {
  assert(sealed.grant === basename(directory), 'a live recording is replaced by the sealed file of its own grant');
  await rm(directory, { recursive: true, force: true });
  await syncDirectory(dirname(directory));
}

type Unsealed = Extract<VerificationReport, { ok: false }>;

const ARCHIVE_NAME = 'archive.tar';
const ASIDE_MAX = 1_000;

function trusted({ signer, trustedKeys }: SealOptions): readonly JWK[] {
  return [{ ...signer.publicKey }, ...(trustedKeys ?? [])];
}

/** The file of an earlier run. @throws BrokerError when something else is there and no live recording to make it from */
async function sealedBefore(options: SealOptions): Promise<Sealed | undefined> {
  const { out, directory } = options;
  if (!(await isThere(out))) return undefined;
  const found = await reportOf(out, options);
  if (found.ok) return found;
  if (!(await isThere(join(directory, ENTRIES_NAME)))) throw notWhole(found);
  await setAside(out);
  return undefined;
}

async function reportOf(out: string, options: SealOptions): Promise<Sealed | Unsealed> {
  let file: FileHandle;
  try {
    // Operators may have made the root a link to where the space is.
    file = await openOwn(await realpath(dirname(out)), basename(out), OPEN.read);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    return { ok: false, problem: { where: 'file', what: error.detail ?? error.message } };
  }
  try {
    return await verifiedFile(file, options);
  } finally {
    await file.close();
  }
}

async function verifiedFile(file: FileHandle, options: SealOptions): Promise<Sealed | Unsealed> {
  const { grant, protocols } = options;
  const report = await verifyOpened(file, { trustedKeys: trusted(options), grant, protocols });
  return report.ok ? { ...report, sha256: await fileDigest(file) } : report;
}

/** Gives what stands in the way a name of its own, in which no recording is looked for. */
async function setAside(path: string): Promise<void> {
  for (let number = 1; number <= ASIDE_MAX; number += 1) {
    const aside = `${path}.aside-${number}`;
    if (await isThere(aside)) continue;
    await rename(path, aside);
    return;
  }
  throw new BrokerError('recording_unavailable', {
    detail: `There are ${ASIDE_MAX} files beside ${basename(path)} that were set aside already.`,
  });
}

async function writeArchive(options: SealOptions, scratch: string): Promise<void> {
  const { grant, directory, signer, clock, protocols } = options;
  const facts = await checkLive(directory, protocols);
  if (facts.opened.grant !== grant) throw ofAnother(facts.opened.grant, grant);
  const damage = readDamage(directory) ?? null;
  const segments: ManifestSegment[] = [];
  for (const raw of facts.segments) segments.push(await compressSegment(directory, scratch, raw));
  const frames = await compressEntries(directory, scratch);
  const manifest = encodeManifest({
    format: 'doorwarden-recording/2',
    grant: facts.opened.grant,
    principal: facts.opened.principal,
    task: facts.opened.task,
    target: targetAsWritten(facts.opened),
    entries: { ...facts.entries, frames },
    segments,
    operations: facts.operations,
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
  const archive = await openOwn(scratch, ARCHIVE_NAME, OPEN.create);
  try {
    await writeMember(archive, MANIFEST_NAME, manifest.length, [manifest]);
    await writeMember(archive, SIGNATURE_NAME, jws.length, [Buffer.from(jws, 'latin1')]);
    await copyMember(archive, { name: FRAMES_NAME, size: frames.bytes }, scratch, FRAMES_NAME);
    await copyMember(archive, { name: INDEX_NAME, size: frames.count * INDEX_LINE_BYTES }, scratch, INDEX_NAME);
    for (const segment of segments) {
      await copyMember(archive, { name: segment.name, size: segment.bytes }, scratch, scratchSegment(segment.number));
    }
    for (const [index, { name, bytes }] of (damage?.parts ?? []).entries()) {
      await copyMember(archive, { name, size: bytes }, directory, liveDamagedName(index + 1));
    }
    await writeAll(archive, Buffer.alloc(TAR_END_BYTES));
    await archive.sync();
  } finally {
    await archive.close();
  }
}

/** The live recording checked like a sealed one, less its seal: what is broken is never signed. */
async function checkLive(directory: string, protocols: RecordedProtocols): Promise<RecordingFacts> {
  const checked = await checkLiveRecording(directory, protocols);
  if ('problem' in checked) throw notWhole({ ok: false, problem: checked.problem });
  return checked.facts;
}

/** The entries in frames, and their index; both have to be whole before the manifest, which comes first, can be written. */
async function compressEntries(directory: string, scratch: string): Promise<ManifestFrames> {
  const entries = await openOwn(scratch, FRAMES_NAME, OPEN.create);
  try {
    const index = await openOwn(scratch, INDEX_NAME, OPEN.create);
    try {
      return await writeFrames(wholeFile(directory, ENTRIES_NAME, LARGE_CHUNK_BYTES), { entries, index });
    } finally {
      await index.close();
    }
  } finally {
    await entries.close();
  }
}

/** One zstd frame for each segment, compressed on the thread pool. */
async function compressSegment(directory: string, scratch: string, raw: RawSegment): Promise<ManifestSegment> {
  const digest = createHash('sha256');
  const out = await openOwn(scratch, scratchSegment(raw.number), OPEN.create);
  let bytes = 0;
  try {
    const source = wholeFile(directory, liveSegmentName(raw.number));
    const compress = createZstdCompress({ pledgedSrcSize: raw.rawBytes });
    // Where the frame ends at the end of a chunk, Node.js has an empty frame follow.
    const frame = new FrameWalk(raw.rawBytes);
    await pipeline(source, compress, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        const part = chunk.subarray(0, frame.take(chunk));
        digest.update(part);
        bytes += part.length;
        await writeAll(out, part);
      }
    });
    assert(frame.ended, 'a compressed segment is a frame');
  } finally {
    await out.close();
  }
  const { number, rawBytes, rawSha256 } = raw;
  return { number, name: sealedSegmentName(number), bytes, sha256: digest.digest('hex'), rawBytes, rawSha256 };
}

function scratchSegment(segment: number): string {
  return `${segment}.zst`;
}

async function copyMember(
  archive: FileHandle,
  { name, size }: { readonly name: string; readonly size: number },
  directory: string,
  file: string,
): Promise<void> {
  await writeMember(archive, name, size, wholeFile(directory, file));
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

function notWhole({ problem: { where, what } }: Unsealed): BrokerError {
  return new BrokerError('recording_unavailable', { detail: `The recording does not hold at ${where}. ${what}` });
}

function ofAnother(found: string, grant: string): BrokerError {
  return new BrokerError('recording_mismatch', {
    detail: `The live recording is that of grant ${found}, not of ${grant}.`,
  });
}
