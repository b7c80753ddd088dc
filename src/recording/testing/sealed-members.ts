import { deepStrictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { seqOfLine } from '../chain/lines.js';
import { framesOf, readFrames } from '../frames/frame-codec.js';
import { indexLine } from '../frames/frame-index.js';
import { packLines } from '../frames/frame-packing.js';
import { decodeManifest, encodeManifest, type Manifest } from '../seal/manifest.js';
import { jwkSigner } from '../seal/signer.js';
import { NO_PROTOCOLS } from '../recorded-protocol.js';
import { verifyRecording, type VerificationReport } from '../verify/verify.js';
import { RECORDED, type Members } from './recordings.js';

/** The lines of a sealed recording, in whichever container. */
export async function entriesOf(members: Members): Promise<string> {
  const plain = members.get('entries.jsonl');
  if (plain !== undefined) return plain.toString('utf8');
  const parts: Buffer[] = [];
  for await (const { content } of readFrames(once(memberOf(members, 'entries.jsonl.zst')))) parts.push(content);
  return Buffer.concat(parts).toString('utf8');
}

/** The same recording with these lines in their place, put into the container again and not signed again. */
export async function withEntries(members: Members, entries: string | Buffer): Promise<Members> {
  const bytes = Buffer.from(entries);
  if (members.has('entries.jsonl')) return new Map(members).set('entries.jsonl', bytes);
  const frames: Buffer[] = [];
  const contents: Buffer[] = [];
  for await (const frame of framesOf(packLines(once(bytes)))) {
    frames.push(frame.bytes);
    contents.push(frame.content);
  }
  return withFrames(members, frames, contents);
}

/** The same recording with these frames of its entries, and the index that is theirs. */
export function withFrames(members: Members, frames: readonly Buffer[], contents: readonly Buffer[]): Members {
  let offset = 0;
  const index = frames.map((frame, at) => {
    const seq = seqOfLine(contents[at] ?? Buffer.alloc(0)) ?? 0;
    const line = indexLine({ seq, offset });
    offset += frame.length;
    return line;
  });
  return new Map(members)
    .set('entries.jsonl.zst', Buffer.concat(frames))
    .set('entries.index', Buffer.from(index.join('')));
}

/** The same recording signed again, as what it holds now or as `change` makes the manifest. */
export async function signedAnew(
  members: Members,
  privateJwk: JWK,
  change: (manifest: Manifest) => Manifest = (manifest) => manifest,
): Promise<Members> {
  const manifest = encodeManifest(change(withDigests(manifestOf(members), members)));
  const jws = Buffer.from(await (await jwkSigner(privateJwk)).sign(manifest));
  return new Map(members).set('manifest.json', manifest).set('manifest.jws', jws);
}

/** What the manifest of these members says. */
export function manifestOf(members: Members): Manifest {
  const manifest = decodeManifest(memberOf(members, 'manifest.json'));
  if ('wrong' in manifest) throw new Error(manifest.wrong);
  return manifest;
}

/** The same recording as versions before frames have sealed it: its lines stand in it as they are. */
export async function asContainer1(members: Members, privateJwk: JWK): Promise<Members> {
  const made: Members = new Map();
  const entries = Buffer.from(await entriesOf(members));
  for (const [name, bytes] of members) {
    if (name === 'entries.jsonl.zst') made.set('entries.jsonl', entries);
    else if (name !== 'entries.index') made.set(name, bytes);
  }
  return signedAnew(made, privateJwk, (manifest) => {
    if (manifest.format !== 'doorwarden-recording/2') return manifest;
    const { format: _format, operations, segments, entries: lines, ...others } = manifest;
    const { grant, principal, task, target, ...ending } = others;
    const { frames: _frames, ...plain } = lines;
    const about = { grant, principal, task, target, entries: plain, segments, statements: operations };
    return { format: 'doorwarden-recording/1', ...about, ...ending };
  });
}

function withDigests(manifest: Manifest, members: Members): Manifest {
  const [frames, index] = [members.get('entries.jsonl.zst'), members.get('entries.index')];
  if (manifest.format === 'doorwarden-recording/1' || frames === undefined || index === undefined) return manifest;
  const count = index.toString('latin1').split('\n').length - 1;
  const said = { count, bytes: frames.length, sha256: sha256Of(frames), indexSha256: sha256Of(index) };
  return { ...manifest, entries: { ...manifest.entries, frames: said } };
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function memberOf(members: Members, name: string): Buffer {
  const bytes = members.get(name);
  if (bytes === undefined) throw new Error(`The archive has no ${name}.`);
  return bytes;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

/** What is said of a file when no line is read in place. The same has to be said when some are. */
export async function verifyBothWays(path: string): Promise<VerificationReport> {
  const said = await verifyRecording(path, { protocols: NO_PROTOCOLS });
  const { bodiesUnchecked: _bodies, ...expected } = { bodiesUnchecked: undefined, ...said };
  deepStrictEqual(await verifyRecording(path, { protocols: RECORDED }), expected);
  return said;
}
