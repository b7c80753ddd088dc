import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import type { ArchiveMember } from '../seal/archive.js';
import { checkEntries, type EntriesCheck, type RecordingFacts } from './entries-check.js';
import { LARGE_CHUNK_BYTES } from '../chain/file-chunks.js';
import { fileDigest } from '../chain/file-digest.js';
import { FrameCheck } from '../frames/frame-check.js';
import { FrameWalk } from '../frames/zstd-frame.js';
import { HASHING_THREADS_FROM_BYTES, StreamHash, withHashing, type Hashing } from '../chain/hashing.js';
import { sealedDamagedName, sealedSegmentName } from '../write/layout.js';
import { decodeManifest, operationsOf, targetAsWritten, type Manifest, type ManifestFrames } from '../seal/manifest.js';
import { openNamed } from '../write/own-files.js';
import { segmentProblem, type Problem } from './problem.js';
import type { RecordedProtocols } from '../recorded-protocol.js';
import type { RawSegment } from './response-check.js';
import { SealedFile } from '../seal/sealed-file.js';
import { checkSignature } from '../seal/seal-signature.js';

export interface VerifyOptions {
  /** The protocols whose bodies are checked too. */
  readonly protocols: RecordedProtocols;
  /** Public keys of the broker. Absent: the seal is checked with the key that it carries, and `keyTrusted` is false. */
  readonly trustedKeys?: readonly JWK[];
  /** The grant that it has to be the recording of. */
  readonly grant?: string;
  /** The SHA-256 of the whole file, hex, as the broker's database has it. */
  readonly sha256?: string;
  /** Told after every chunk; segments count twice, because they are read twice. */
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
  /** A smaller file is checked without threads. */
  readonly threadsFromBytes?: number;
}

/** Everything holds, or the first thing that does not. */
export type VerificationReport =
  | {
      readonly ok: true;
      readonly grant: string;
      readonly entries: number;
      readonly segments: number;
      readonly keyId: string;
      readonly keyTrusted: boolean;
      /** The protocol of the bodies, where this build does not have it and has checked envelopes alone. */
      readonly bodiesUnchecked?: string;
      /** What of the live recording was damaged before it was closed, and is kept as bytes that prove nothing. */
      readonly damage: { readonly where: string; readonly what: string; readonly bytes: number } | null;
      /** Of the file. */
      readonly bytes: number;
    }
  | { readonly ok: false; readonly problem: Problem };

/**
 * Checks every byte of a sealed recording, offline, as docs/recording-format.md says. Memory does not grow with the file.
 * Throws only when the file cannot be read.
 */
export async function verifyRecording(path: string, options: VerifyOptions): Promise<VerificationReport> {
  const file = await openNamed(path);
  try {
    return await verifyOpened(file, options);
  } finally {
    await file.close();
  }
}

/** As {@link verifyRecording}, of a file that is open and stays so. */
export async function verifyOpened(file: FileHandle, options: VerifyOptions): Promise<VerificationReport> {
  const sealed = await SealedFile.in(file);
  if (!(sealed instanceof SealedFile)) return { ok: false, problem: sealed.problem };
  const report = await verifySealed(sealed, options);
  if (!report.ok || options.sha256 === undefined) return report;
  const sha256 = await fileDigest(file);
  return sha256 === options.sha256
    ? report
    : failed('file', `Its SHA-256 is ${sha256}; the file that was sealed for this grant has ${options.sha256}.`);
}

async function verifySealed(sealed: SealedFile, options: VerifyOptions): Promise<VerificationReport> {
  const manifestBytes = await sealed.read(sealed.manifest);
  const jws = (await sealed.read(sealed.signature)).toString('latin1');
  const signature = await checkSignature(jws, manifestBytes, options.trustedKeys);
  if ('wrong' in signature) return failed(signature.where, signature.wrong);
  const manifest = decodeManifest(manifestBytes);
  if ('wrong' in manifest) return failed('manifest', manifest.wrong);
  if (manifest.keyId !== signature.keyId) return failed('manifest', 'Its keyId is not the key that signed it.');
  if (options.grant !== undefined && manifest.grant !== options.grant) {
    return failed('grant', `It is the recording of grant ${manifest.grant}, not of ${options.grant}.`);
  }
  if ((sealed.index === undefined) !== (manifest.format === 'doorwarden-recording/1')) {
    return failed('manifest', 'Its format is not that of the archive.');
  }
  const miscounted = compareSegmentList(sealed, manifest) ?? compareDamageList(sealed, manifest);
  if (miscounted !== undefined) return { ok: false, problem: miscounted };
  const manyBytes =
    Math.max(sealed.bytes, manifest.entries.bytes) >= (options.threadsFromBytes ?? HASHING_THREADS_FROM_BYTES);
  const onBytes = progressCounter(sealed, options);
  const checked = await withHashing(manyBytes, (hashing) =>
    checkContents(sealed, manifest, { hashing, onBytes, protocols: options.protocols }),
  );
  if ('problem' in checked) return { ok: false, problem: checked.problem };
  const difference = compareFacts(checked.facts, manifest);
  if (difference !== undefined) return failed('manifest', difference);
  return {
    ok: true,
    grant: manifest.grant,
    entries: manifest.entries.count,
    segments: manifest.segments.length,
    keyId: signature.keyId,
    keyTrusted: signature.keyTrusted,
    ...(checked.facts.bodiesChecked ? {} : { bodiesUnchecked: checked.facts.opened.target.protocol }),
    damage: damageOf(manifest),
    bytes: sealed.bytes,
  };
}

type MembersOptions = Pick<ContentsOptions, 'hashing' | 'onBytes'>;

interface ContentsOptions {
  readonly protocols: RecordedProtocols;
  readonly hashing: Hashing;
  readonly onBytes: (bytes: number) => void;
}

/** Both at once; a changed segment is named before its responses are. */
async function checkContents(
  sealed: SealedFile,
  manifest: Manifest,
  { hashing, onBytes, protocols }: ContentsOptions,
): Promise<EntriesCheck> {
  const [members, entries] = await Promise.allSettled([
    checkMembers(sealed, manifest, { hashing, onBytes }),
    checkSealedEntries(sealed, manifest, { hashing, onBytes, protocols }),
  ]);
  if (members.status === 'rejected') throw members.reason;
  if (entries.status === 'rejected') throw entries.reason;
  return members.value === undefined ? entries.value : { problem: members.value };
}

async function checkSealedEntries(
  sealed: SealedFile,
  manifest: Manifest,
  { hashing, onBytes, protocols }: ContentsOptions,
): Promise<EntriesCheck> {
  const chunks = countedChunks(sealed.chunks(sealed.entries, LARGE_CHUNK_BYTES), onBytes);
  const frames = sealed.index === undefined ? undefined : new FrameCheck(chunks, hashing);
  const checked = await checkEntries({
    entries: frames?.lines() ?? chunks,
    openSegment: (number) => sealed.segment(number),
    segmentCount: sealed.segments.length,
    hashing,
    protocols,
    sealed: manifest.entries,
    expectSegment: (segment) => compareRaw(segment, manifest),
  });
  if ('problem' in checked || frames === undefined) return checked;
  const problem = await compareFrames(sealed, manifest, await frames.found());
  return problem === undefined ? checked : { problem };
}

async function* countedChunks(chunks: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    onBytes(chunk.length);
  }
}

/** After the lines, so that a changed line is named and not only the frame it is in. */
async function compareFrames(
  sealed: SealedFile,
  { entries }: Manifest,
  found: ManifestFrames,
): Promise<Problem | undefined> {
  const said = 'frames' in entries ? entries.frames : undefined;
  if (found.bytes !== said?.bytes || found.sha256 !== said.sha256) {
    return { where: 'frames', what: 'Their bytes are not those that were sealed.' };
  }
  if (found.count !== said.count || found.indexSha256 !== said.indexSha256) {
    return {
      where: 'manifest',
      what: 'Its count of frames, or the index that it was sealed with, is not what the frames are.',
    };
  }
  const digest = createHash('sha256');
  if (sealed.index !== undefined) for await (const chunk of sealed.chunks(sealed.index)) digest.update(chunk);
  return digest.digest('hex') === said.indexSha256
    ? undefined
    : { where: 'index', what: 'Its bytes are not those that were sealed.' };
}

function compareSegmentList(sealed: SealedFile, manifest: Manifest): Problem | undefined {
  if (sealed.segments.length !== manifest.segments.length) {
    const first = Math.min(sealed.segments.length, manifest.segments.length) + 1;
    return segmentProblem(first, sealed.segments.length < first ? 'It is missing.' : 'It was added.');
  }
  const misplaced = manifest.segments.findIndex(
    ({ number, name }, index) => number !== index + 1 || name !== sealedSegmentName(index + 1),
  );
  return misplaced === -1
    ? undefined
    : { where: 'manifest', what: `It does not list segment ${misplaced + 1} in its place.` };
}

function compareDamageList({ damaged }: SealedFile, { damage }: Manifest): Problem | undefined {
  const said = damage?.parts ?? [];
  if (damaged.length !== said.length) {
    const first = sealedDamagedName(Math.min(damaged.length, said.length) + 1);
    return { where: first, what: damaged.length < said.length ? 'It is missing.' : 'It was added.' };
  }
  const misplaced = said.findIndex(({ name }, index) => name !== sealedDamagedName(index + 1));
  return misplaced === -1
    ? undefined
    : { where: 'manifest', what: `It does not list ${sealedDamagedName(misplaced + 1)} in its place.` };
}

/** The members that are only bytes: the segments, as compressed, and what was damaged. */
async function checkMembers(
  sealed: SealedFile,
  manifest: Manifest,
  { hashing, onBytes }: MembersOptions,
): Promise<Problem | undefined> {
  for (const [index, said] of manifest.segments.entries()) {
    const walk = new FrameWalk(said.rawBytes);
    const holds = await holdsBytes(sealed, sealed.segments[index], said, {
      hashing,
      onBytes: (bytes) => onBytes(bytes * 2),
      walk,
    });
    if (!holds) return segmentProblem(said.number, 'Its bytes are not those that were sealed.');
    // The frames of the first format say nothing of what they hold.
    const isOneFrame = walk.ended && walk.bytes === said.bytes && walk.contentBytes === said.rawBytes;
    if (!isOneFrame && manifest.format === 'doorwarden-recording/2') {
      return segmentProblem(said.number, 'It is not one zstd frame in the form of the format.');
    }
  }
  for (const [index, said] of (manifest.damage?.parts ?? []).entries()) {
    const holds = await holdsBytes(sealed, sealed.damaged[index], said, { hashing, onBytes });
    if (!holds) return { where: said.name, what: 'Its bytes are not those that were sealed.' };
  }
  return undefined;
}

async function holdsBytes(
  sealed: SealedFile,
  member: ArchiveMember | undefined,
  said: { readonly bytes: number; readonly sha256: string },
  { hashing, onBytes, walk }: MembersOptions & { readonly walk?: FrameWalk },
): Promise<boolean> {
  if (member?.size !== said.bytes) return false;
  const digest = new StreamHash(hashing);
  for await (const chunk of sealed.chunks(member)) {
    await digest.update(chunk);
    walk?.take(chunk);
    onBytes(chunk.length);
  }
  return (await digest.digest()) === said.sha256;
}

function damageOf({ damage }: Manifest) {
  if (damage === null) return null;
  return { where: damage.where, what: damage.what, bytes: damage.parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function compareRaw(segment: RawSegment, manifest: Manifest): Problem | undefined {
  const said = manifest.segments[segment.number - 1];
  return said?.rawBytes === segment.rawBytes && said.rawSha256 === segment.rawSha256
    ? undefined
    : segmentProblem(segment.number, 'Its uncompressed bytes are not those that were sealed.');
}

/** What the seal claims besides the last hash; it was signed, so a difference is the broker's own. */
function compareFacts(facts: RecordingFacts, manifest: Manifest): string | undefined {
  const { opened, closed } = facts;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['entries', facts.entries, linesOf(manifest)],
    [
      manifest.format === 'doorwarden-recording/1' ? 'statements' : 'operations',
      facts.operations,
      operationsOf(manifest),
    ],
    ['sessions', facts.sessions, manifest.sessions],
    ['grant', opened.grant, manifest.grant],
    ['principal', opened.principal, manifest.principal],
    ['task', opened.task, manifest.task],
    ['target', targetAsWritten(opened), manifest.target],
    ['closeReason', closed.reason, manifest.closeReason],
    ['interrupted', closed.interrupted, manifest.interrupted],
  ];
  const different = pairs.find(([, found, said]) => !isDeepStrictEqual(found, said));
  return different === undefined ? undefined : `Its ${different[0]} is not what the entries say.`;
}

/** What the manifest says of the lines, in whichever container. */
function linesOf({ entries }: Manifest): RecordingFacts['entries'] {
  const { count, bytes, sha256, firstAt, lastAt, lastHash, merkleRoot } = entries;
  return { count, bytes, sha256, firstAt, lastAt, lastHash, merkleRoot };
}

function progressCounter(sealed: SealedFile, { onProgress }: VerifyOptions): (bytes: number) => void {
  const totalBytes =
    sealed.segments.reduce((sum, segment) => sum + segment.size * 2, sealed.entries.size) +
    sealed.damaged.reduce((sum, part) => sum + part.size, 0);
  let doneBytes = 0;
  return (bytes) => {
    doneBytes += bytes;
    onProgress?.({ doneBytes, totalBytes });
  };
}

function failed(where: string, what: string): VerificationReport {
  return { ok: false, problem: { where, what } };
}
