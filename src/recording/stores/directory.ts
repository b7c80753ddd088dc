import { readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readRange } from '../chain/file-chunks.js';
import { BrokerError } from '../../kernel/errors.js';
import { ENTRIES_NAME } from '../write/layout.js';
import { OPEN, isThere, openOwn, replaceOwn } from '../write/own-files.js';
import { liveRecording, type OpenRecording } from '../look/open-recording.js';
import type { EntrySource } from '../verify/reader.js';
import { systemErrorCode } from '../write/system-error.js';
import { LivePlaces, liveEntries } from './live-entries.js';
import type { RecordingStore } from './recording-store.js';

const GRANT_ID = /^[0-9A-Za-z_-]{1,64}$/;
const SEALED_SUFFIX = '.tar';
/** A folder beside the recordings with what was made of them for other engines; no grant has this id. */
export const EXPORTS_NAME = 'exports';
const MARKS_SUFFIX = '.marks.json';
/** More than the marks of any recording take. */
const MARKS_BYTES_MAX = 8 * 1024 * 1024;

/** Recordings under one directory: `<root>/<grantId>/` while live, `<root>/<grantId>.tar` when sealed. */
export class DirectoryRecordingStore implements RecordingStore {
  readonly #root: string;
  readonly #places = new LivePlaces();

  constructor(root: string) {
    this.#root = root;
  }

  liveDirectory(grantId: string): string {
    return join(this.#root, checkedId(grantId));
  }

  async listLive(): Promise<readonly string[]> {
    const found = await this.#list();
    return found.filter((entry) => entry.isDirectory() && isGrantId(entry.name)).map((entry) => entry.name);
  }

  sealingPath(grantId: string): string {
    return this.#sealedPath(grantId);
  }

  async keepSealed(grantId: string): Promise<void> {
    if (!(await this.hasSealed(grantId))) throw notFound();
  }

  async listSealed(): Promise<readonly string[]> {
    const found = await this.#list();
    return found
      .filter((entry) => entry.isFile() && entry.name.endsWith(SEALED_SUFFIX))
      .map((entry) => entry.name.slice(0, -SEALED_SUFFIX.length))
      .filter(isGrantId);
  }

  hasSealed(grantId: string): Promise<boolean> {
    return isThere(this.#sealedPath(grantId));
  }

  async openSealed(grantId: string): Promise<FileHandle> {
    if (!(await this.hasSealed(grantId))) {
      throw (await isThere(this.liveDirectory(grantId))) ? new BrokerError('recording_not_sealed') : notFound();
    }
    // Operators may have made the root a link to where the space is; below it nothing is followed.
    return openOwn(await realpath(this.#root), `${checkedId(grantId)}${SEALED_SUFFIX}`, OPEN.read);
  }

  async liveBytes(grantId: string): Promise<number | undefined> {
    try {
      return (await stat(join(this.liveDirectory(grantId), ENTRIES_NAME))).size;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async liveEntries(grantId: string): Promise<EntrySource> {
    const directory = this.liveDirectory(grantId);
    if (!(await isThere(join(directory, ENTRIES_NAME)))) throw notFound();
    return liveEntries(grantId, directory, this.#places);
  }

  async keepMarks(grantId: string, text: string): Promise<void> {
    replaceOwn(await realpath(this.#root), `${checkedId(grantId)}${MARKS_SUFFIX}`, text);
  }

  async marks(grantId: string): Promise<string | undefined> {
    const name = `${checkedId(grantId)}${MARKS_SUFFIX}`;
    if (!(await isThere(join(this.#root, name)))) return undefined;
    const file = await openOwn(await realpath(this.#root), name, OPEN.read);
    try {
      const { size } = await file.stat();
      return size > MARKS_BYTES_MAX ? undefined : (await readRange(file, { offset: 0, size })).toString('utf8');
    } finally {
      await file.close();
    }
  }

  async openLive(grantId: string): Promise<OpenRecording> {
    return liveRecording(this.liveDirectory(grantId), await this.liveEntries(grantId));
  }

  #sealedPath(grantId: string): string {
    return join(this.#root, `${checkedId(grantId)}${SEALED_SUFFIX}`);
  }

  async #list() {
    try {
      return await readdir(this.#root, { withFileTypes: true });
    } catch (error) {
      // Nothing was recorded yet.
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

function isGrantId(name: string): boolean {
  return GRANT_ID.test(name) && name !== EXPORTS_NAME;
}

/** An id that cannot leave the root: no dot, no slash. */
function checkedId(grantId: string): string {
  if (!isGrantId(grantId)) throw notFound();
  return grantId;
}

function notFound(): BrokerError {
  return new BrokerError('recording_not_found');
}
