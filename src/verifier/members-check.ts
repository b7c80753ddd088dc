import { sha256 } from '@noble/hashes/sha2.js';
import { damagedName, segmentName, type ArchiveMembers } from './archive.js';
import { hexOf } from './bytes.js';
import { FrameSplitter } from './frame-splitter.js';
import type { Manifest, SealedBytes } from './manifest.js';
import type { ArchiveMember } from './source.js';
import { fail } from './verdict.js';

export type OpenMember = (member: ArchiveMember) => AsyncIterable<Uint8Array>;

/** Compares number and names of the members under `segments/` and `damaged/`. Throws `NotHolding`. */
export function compareLists(archive: ArchiveMembers, { segments, damage }: Manifest): void {
  compareList(archive.segments.length, segments, {
    whereOf: (number) => `segment ${number}`,
    nameOf: segmentName,
    spoken: (number) => `segment ${number}`,
  });
  const isNumbered = segments.findIndex(({ number }, index) => number !== index + 1);
  if (isNumbered !== -1) fail('manifest', `It does not list segment ${isNumbered + 1} in its place.`);
  compareList(archive.damaged.length, damage?.parts ?? [], {
    whereOf: damagedName,
    nameOf: damagedName,
    spoken: damagedName,
  });
}

interface ListWords {
  readonly whereOf: (number: number) => string;
  readonly nameOf: (number: number) => string;
  readonly spoken: (number: number) => string;
}

function compareList(
  found: number,
  said: readonly { readonly name: string }[],
  { whereOf, nameOf, spoken }: ListWords,
): void {
  if (found !== said.length) {
    fail(whereOf(Math.min(found, said.length) + 1), found < said.length ? 'It is missing.' : 'It was added.');
  }
  const misplaced = said.findIndex(({ name }, index) => name !== nameOf(index + 1));
  if (misplaced !== -1) fail('manifest', `It does not list ${spoken(misplaced + 1)} in its place.`);
}

/** Compares the bytes of these members, as they are in the file, with what was sealed. Throws `NotHolding`. */
export async function checkMembers(archive: ArchiveMembers, manifest: Manifest, open: OpenMember): Promise<void> {
  const form = manifest.container === 1 ? 'form 1' : 'form 2';
  for (const [index, said] of manifest.segments.entries()) {
    const where = `segment ${said.number}`;
    const splitter = new FrameSplitter(form, said.rawBytes);
    await compareBytes(archive.segments[index], said, {
      open,
      where,
      onChunk: (chunk) => walk(splitter, chunk),
    });
    const isOneFrame = splitter.ended && splitter.bytes === said.bytes && splitter.contentBytes === said.rawBytes;
    // Frames of containers of format 1 say nothing of what they hold.
    if (!isOneFrame && form === 'form 2') fail(where, 'It is not one zstd frame in the form of the format.');
  }
  for (const [index, said] of (manifest.damage?.parts ?? []).entries()) {
    await compareBytes(archive.damaged[index], said, { open, where: said.name, onChunk: () => undefined });
  }
}

interface BytesOptions {
  readonly open: OpenMember;
  readonly where: string;
  readonly onChunk: (chunk: Uint8Array) => void;
}

async function compareBytes(
  member: ArchiveMember | undefined,
  said: SealedBytes,
  { open, where, onChunk }: BytesOptions,
): Promise<void> {
  const digest = sha256.create();
  if (member?.size === said.bytes) {
    for await (const chunk of open(member)) {
      digest.update(chunk);
      onChunk(chunk);
    }
    if (hexOf(digest.digest()) === said.sha256) return;
  }
  fail(where, 'Its bytes are not those that were sealed.');
}

function walk(splitter: FrameSplitter, chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length;) {
    const taken = splitter.take(chunk.subarray(at), () => undefined);
    if (taken === 0) return;
    at += taken;
  }
}
