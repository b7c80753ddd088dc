/** The bytes of a sealed file, wherever they are: on a disk, in a `Blob`, or at a server that gives ranges. */
export interface RecordingSource {
  /** Of the whole file. */
  readonly size: number;
  /** The bytes from `from` up to and without `to`; fewer only where the file ends. Rejects when they cannot be read. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** A member of the archive, and where its bytes are. */
export interface ArchiveMember {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** How much of a file is in memory at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a member, piece by piece. Throws the reason of `signal` once it is aborted. */
export async function* chunksOf(
  source: RecordingSource,
  { offset, size }: Pick<ArchiveMember, 'offset' | 'size'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    signal?.throwIfAborted();
    const chunk = await readRange(source, offset + at, Math.min(CHUNK_BYTES, size - at));
    yield chunk;
    at += chunk.length;
  }
}

/** Exactly these bytes. A file that gives fewer than it has said to hold has changed meanwhile. */
export async function readRange(source: RecordingSource, from: number, size: number): Promise<Uint8Array> {
  if (size === 0) return new Uint8Array();
  const bytes = await source.read(from, from + size);
  if (bytes.length !== size) throw new RangeError(`The file gave ${bytes.length} of ${size} bytes at byte ${from}.`);
  return bytes;
}
