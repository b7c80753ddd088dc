import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BrokerError } from '../../kernel/errors.js';
import { fileChunks } from '../file-chunks.js';
import { ENTRIES_NAME } from '../layout.js';
import type { EntrySource } from '../reader.js';
import { SealedFile } from '../sealed-file.js';
import { systemErrorCode } from '../system-error.js';
import type { RecordingStore } from './recording-store.js';

const GRANT_ID = /^[0-9A-Za-z_-]{1,64}$/;
const SEALED_SUFFIX = '.tar';

/** Recordings under one directory: `<root>/<grantId>/` while live, `<root>/<grantId>.tar` when sealed. */
export class DirectoryRecordingStore implements RecordingStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  liveDirectory(grantId: string): string {
    return join(this.#root, checkedId(grantId));
  }

  async listLive(): Promise<readonly string[]> {
    const found = await this.#list();
    return found.filter((entry) => entry.isDirectory() && GRANT_ID.test(entry.name)).map((entry) => entry.name);
  }

  sealingPath(grantId: string): string {
    return this.#sealedPath(grantId);
  }

  async keepSealed(grantId: string): Promise<void> {
    if ((await this.sealedBytes(grantId)) === undefined) throw notFound();
  }

  async listSealed(): Promise<readonly string[]> {
    const found = await this.#list();
    return found
      .filter((entry) => entry.isFile() && entry.name.endsWith(SEALED_SUFFIX))
      .map((entry) => entry.name.slice(0, -SEALED_SUFFIX.length))
      .filter((name) => GRANT_ID.test(name));
  }

  async sealedBytes(grantId: string): Promise<number | undefined> {
    try {
      return (await stat(this.#sealedPath(grantId))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async openSealed(grantId: string): Promise<Readable> {
    const path = await this.#presentSealed(grantId);
    return createReadStream(path);
  }

  async withSealedFile<T>(grantId: string, use: (path: string) => Promise<T>): Promise<T> {
    return use(await this.#presentSealed(grantId));
  }

  async entries(grantId: string): Promise<EntrySource> {
    if ((await this.sealedBytes(grantId)) !== undefined) return () => sealedEntries(this.#sealedPath(grantId));
    const live = join(this.liveDirectory(grantId), ENTRIES_NAME);
    if (!(await exists(live))) throw notFound();
    return () => liveEntries(live);
  }

  async #presentSealed(grantId: string): Promise<string> {
    if ((await this.sealedBytes(grantId)) !== undefined) return this.#sealedPath(grantId);
    throw (await exists(this.liveDirectory(grantId))) ? new BrokerError('recording_not_sealed') : notFound();
  }

  #sealedPath(grantId: string): string {
    return join(this.#root, `${checkedId(grantId)}${SEALED_SUFFIX}`);
  }

  async #list() {
    try {
      return await readdir(this.#root, { withFileTypes: true });
    } catch (error) {
      // Nothing was recorded yet.
      if (isMissing(error)) return [];
      throw error;
    }
  }
}

async function* liveEntries(path: string): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    yield* fileChunks(file, { offset: 0, size: (await file.stat()).size });
  } finally {
    await file.close();
  }
}

async function* sealedEntries(path: string): AsyncGenerator<Buffer> {
  const sealed = await SealedFile.open(path);
  if (!(sealed instanceof SealedFile)) {
    throw new BrokerError('recording_unavailable', { detail: 'The sealed file is damaged.' });
  }
  try {
    yield* sealed.chunks(sealed.entries);
  } finally {
    await sealed.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT';
}

/** An id that cannot leave the root: no dot, no slash. */
function checkedId(grantId: string): string {
  if (!GRANT_ID.test(grantId)) throw notFound();
  return grantId;
}

function notFound(): BrokerError {
  return new BrokerError('recording_not_found');
}
