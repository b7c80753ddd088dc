import type { FileHandle } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import type { RecordingRow } from '../../persistence/entities/recordings/recording.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { fileDigest } from '../../recording/chain/file-digest.js';
import type { Problem } from '../../recording/verify/problem.js';
import { readManifest } from '../../recording/seal/sealed-manifest.js';
import type { RecordingStore } from '../../recording/stores/recording-store.js';
import { RECORDING_STORE } from '../modules/tokens.js';

/** Files that were found to be their grant's and are not read whole again for each page of entries. */
const KNOWN_MAX = 1_000;

/**
 * The sealed files, each compared with what the state database has of it: a file that stands in another's place may be a
 * whole, well signed recording, only not this grant's.
 */
@Injectable()
export class SealedRecordings {
  /** By grant, which file it was and that nothing has changed it since. */
  readonly #known = new Map<GrantId, string>();

  constructor(
    private readonly recordings: RecordingRepository,
    @Inject(RECORDING_STORE) private readonly store: RecordingStore,
  ) {}

  /** Opens the file, whatever it is, and says what about it is not what was sealed. Close it. */
  async look(
    id: GrantId,
  ): Promise<{ readonly file: FileHandle; readonly row: RecordingRow; readonly problem?: Problem }> {
    const row = await this.recordings.find(id);
    if (row === undefined)
      throw new BrokerError('recording_not_found', { detail: 'The state database does not have this recording.' });
    const file = await this.store.openSealed(id);
    try {
      const problem = await mismatchOf(file, row);
      return { file, row, ...(problem === undefined ? {} : { problem }) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Opens the file of this grant. Close it. @throws BrokerError `recording_mismatch` when another is in its place */
  async open(id: GrantId): Promise<FileHandle> {
    const { file, problem } = await this.look(id);
    if (problem === undefined) return file;
    await file.close();
    throw mismatch(problem);
  }

  /** Runs `use` with the file of this grant, which is compared again only when it may have changed. */
  async read<T>(id: GrantId, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = await this.store.openSealed(id);
    try {
      const version = await versionOf(file);
      if (this.#known.get(id) !== version) await this.#compare(id, file, version);
      return await use(file);
    } finally {
      await file.close();
    }
  }

  async #compare(id: GrantId, file: FileHandle, version: string): Promise<void> {
    const row = await this.recordings.find(id);
    if (row === undefined)
      throw new BrokerError('recording_not_found', { detail: 'The state database does not have this recording.' });
    const problem = await mismatchOf(file, row);
    if (problem !== undefined) throw mismatch(problem);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(id, version);
  }
}

async function mismatchOf(file: FileHandle, row: RecordingRow): Promise<Problem | undefined> {
  const read = await readManifest(file);
  if ('manifest' in read && read.manifest.grant !== row.grantId) {
    return { where: 'grant', what: `It is the recording of grant ${read.manifest.grant}, not of ${row.grantId}.` };
  }
  const { size } = await file.stat();
  const sha256 = size === row.bytes ? await fileDigest(file) : undefined;
  if (sha256 === row.sha256) return undefined;
  if ('problem' in read) return read.problem;
  const found = sha256 === undefined ? `has ${size} bytes` : `has the SHA-256 ${sha256}`;
  const said = sha256 === undefined ? `${row.bytes}` : row.sha256;
  return { where: 'file', what: `It ${found}; the file that was sealed for this grant has ${said}.` };
}

function mismatch({ where, what }: Problem): BrokerError {
  return new BrokerError('recording_mismatch', { detail: `The sealed file does not verify at ${where}. ${what}` });
}

/** Another file, or the same one changed, has another version: no program can set when a file's node was changed. */
async function versionOf(file: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
