import { readArchive } from './archive.js';
import { EntriesCheck } from './entries-check.js';
import { Frames } from './frames.js';
import { readManifest, type Manifest } from './manifest.js';
import { checkMembers, compareLists } from './members-check.js';
import { checkSignature, type ListedKey } from './signature.js';
import { chunksOf, readRange, type ArchiveMember, type RecordingSource } from './source.js';
import { fail, NotHolding, type Check, type UncheckedPart, type Verdict } from './verdict.js';

export interface VerifyOptions {
  /** Public keys of the broker. Absent: the seal is checked with the key that it carries, and `keyTrusted` is false. */
  readonly keys?: readonly ListedKey[];
  /** The grant that it has to be the recording of. */
  readonly grant?: string;
  /** Told after every chunk; segments count twice, because they are read twice. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the check; its reason is thrown then. */
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * Checks every byte of a sealed recording, as docs/recording-format.md says, but for what `notChecked` names. It runs in a
 * browser and in Node.js alike, and knows nothing of the broker. Memory: a few MiB, and the longest line.
 *
 * Throws when the file cannot be read, when it was aborted, and `VerifierError` where the platform lacks Ed25519.
 */
export async function verifyRecording(source: RecordingSource, options: VerifyOptions = {}): Promise<Verdict> {
  const verification = new Verification(source, options);
  try {
    return await verification.run();
  } catch (error) {
    if (!(error instanceof NotHolding)) throw error;
    return verification.failed(error);
  }
}

class Verification {
  readonly #source: RecordingSource;
  readonly #options: VerifyOptions;
  readonly #checked: Check[] = [];
  readonly #notChecked: UncheckedPart[];
  #doneBytes = 0;
  #totalBytes = 0;

  constructor(source: RecordingSource, options: VerifyOptions) {
    this.#source = source;
    this.#options = options;
    this.#notChecked = ['bodies', 'order'];
    if (options.keys === undefined) this.#notChecked.push('signer');
    if (options.grant === undefined) this.#notChecked.push('grant');
  }

  async run(): Promise<Verdict> {
    const archive = await readArchive(this.#source);
    this.#checked.push('archive');
    const bytes = await readRange(this.#source, archive.manifest.offset, archive.manifest.size);
    const jws = await readRange(this.#source, archive.signature.offset, archive.signature.size);
    const { keyId, keyTrusted } = await checkSignature(jws, bytes, this.#options.keys);
    this.#checked.push('signature');
    const manifest = readManifest(bytes);
    if (manifest.keyId !== keyId) fail('manifest', 'Its keyId is not the key that signed it.');
    this.#compareGrant(manifest.grant);
    if ((archive.index === undefined) !== (manifest.container === 1)) {
      fail('manifest', 'Its format is not that of the archive.');
    }
    this.#checked.push('manifest');
    this.#totalBytes = [...archive.segments, ...archive.segments, ...archive.damaged, archive.entries].reduce(
      (sum, { size }) => sum + size,
      0,
    );
    compareLists(archive, manifest);
    await checkMembers(archive, manifest, (member) => this.#chunks(member));
    this.#checked.push('members');
    await this.#checkEntries(archive, manifest);
    const { grant, lines, segments, damage } = manifest;
    return {
      ok: true,
      grant,
      entries: lines.count,
      segments: segments.length,
      keyId,
      keyTrusted,
      damage: damage === null ? null : { where: damage.where, what: damage.what, bytes: damage.bytes },
      bytes: this.#source.size,
      checked: this.#checked,
      notChecked: this.#notChecked,
    };
  }

  failed({ problem }: NotHolding): Verdict {
    return { ok: false, problem, checked: this.#checked, notChecked: this.#notChecked };
  }

  #compareGrant(grant: string): void {
    const { grant: wanted } = this.#options;
    if (wanted !== undefined && wanted !== grant) {
      fail('grant', `It is the recording of grant ${grant}, not of ${wanted}.`);
    }
  }

  async #checkEntries(
    { entries, index, segments }: Awaited<ReturnType<typeof readArchive>>,
    manifest: Manifest,
  ): Promise<void> {
    const check = new EntriesCheck(manifest, (number) => this.#segment(segments[number - 1]));
    const frames = index === undefined ? undefined : new Frames();
    await check.run(frames?.lines(this.#chunks(entries)) ?? this.#chunks(entries));
    this.#checked.push('lines', 'chain', 'references');
    if (check.format === 1) this.#notChecked.push('fields');
    if (frames !== undefined && index !== undefined && manifest.frames !== undefined) {
      await frames.compare(manifest.frames, chunksOf(this.#source, index, this.#options.signal));
      this.#checked.push('frames');
    }
    check.compare();
    this.#checked.push('counts');
  }

  async *#segment(member: ArchiveMember | undefined): AsyncGenerator<Uint8Array> {
    if (member !== undefined) yield* this.#chunks(member);
  }

  async *#chunks(member: ArchiveMember): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunksOf(this.#source, member, this.#options.signal)) {
      yield chunk;
      this.#doneBytes += chunk.length;
      this.#options.onProgress?.({ doneBytes: this.#doneBytes, totalBytes: this.#totalBytes });
    }
  }
}
