import { createHash } from 'node:crypto';
import { BrokerError } from '../../kernel/errors.js';
import { referencesOf } from '../entries/entries.js';
import { EntryReader } from '../entries/entry-reader.js';
import { fileChunks, wholeFile, writeAll } from '../chain/file-chunks.js';
import { DAMAGE_NAME, ENTRIES_NAME, liveDamagedName, liveSegmentName, sealedDamagedName } from './layout.js';
import { NO_PROTOCOLS, type RecordedProtocols } from '../recorded-protocol.js';
import { LINE_BYTES_MAX } from '../entries/limits.js';
import { LineSplitter } from '../chain/lines.js';
import { checkLiveRecording } from '../verify/live-check.js';
import { OPEN, openOwn, readOwn, replaceOwn, syncDirectory } from './own-files.js';
import { damageSchema, type Damage, type DamagedPart } from '../seal/manifest.js';
import type { Problem } from '../verify/problem.js';
import { liveSegmentBytes, ownFileBytes, recoverLive } from './recovery.js';

/**
 * Makes a live recording that cannot be closed or sealed one that can: everything from the first entry that does not hold
 * on is moved into files beside it, byte for byte, and `damage.json` says where and what. The entries before it stay, the
 * recording can be opened again, closed and sealed, and the seal covers what was set aside. Gives what was damaged, also by
 * earlier runs; undefined when nothing was, and then a torn end is cut as opening it again does.
 *
 * No writer may be alive. Safe to run twice and after a crash: the bytes are copied and noted before they are cut.
 */
export async function setDamageAside(directory: string, protocols: RecordedProtocols): Promise<Damage | undefined> {
  for (;;) {
    cutTornEnd(directory);
    const checked = await checkLiveRecording(directory, protocols);
    const cuts = 'problem' in checked ? await cutsAt(directory, checked.problem) : [];
    if (!('problem' in checked) || cuts.length === 0) return readDamage(directory);
    await note(directory, checked.problem, cuts);
    for (const cut of cuts) await truncateSynced(directory, cut);
  }
}

/** What was set aside in a live recording. */
export function readDamage(directory: string): Damage | undefined {
  const text = readOwn(directory, DAMAGE_NAME);
  return text === undefined ? undefined : damageSchema.parse(JSON.parse(text));
}

/** The end of a live file. */
interface Cut {
  readonly file: string;
  readonly at: number;
  readonly bytes: number;
}

function cutTornEnd(directory: string): void {
  try {
    recoverLive(directory);
  } catch (error) {
    // It refuses damage that is no torn end, and changes nothing then.
    if (!(error instanceof BrokerError)) throw error;
  }
}

/** All that follows the entries before the problem; none when it only says that the end is missing. */
async function cutsAt(directory: string, { entry = 1 }: Problem): Promise<readonly Cut[]> {
  const kept = await usedBefore(directory, entry);
  const files = [{ file: ENTRIES_NAME, used: kept.entriesBytes }];
  liveSegmentBytes(directory).forEach((bytes, index) => {
    const number = index + 1;
    const used = number < kept.segment ? bytes : number === kept.segment ? kept.segmentBytes : 0;
    files.push({ file: liveSegmentName(number), used });
  });
  const cuts: Cut[] = [];
  for (const { file, used } of files) {
    const bytes = ownFileBytes(directory, file) - used;
    if (bytes > 0) cuts.push({ file, at: used, bytes });
  }
  return cuts;
}

interface UsedBytes {
  readonly entriesBytes: number;
  readonly segment: number;
  readonly segmentBytes: number;
}

/** What the lines before this entry take of each file. */
async function usedBefore(directory: string, entry: number): Promise<UsedBytes> {
  let line = 0;
  let entriesBytes = 0;
  let segment = 0;
  let segmentBytes = 0;
  const parser = new EntryReader(NO_PROTOCOLS);
  const splitter = new LineSplitter(LINE_BYTES_MAX);
  for await (const chunk of wholeFile(directory, ENTRIES_NAME)) {
    const goOn = splitter.push(chunk, (bytes) => {
      line += 1;
      if (line >= entry) return false;
      entriesBytes += bytes.length + 1;
      const parsed = parser.parse(bytes);
      for (const reference of 'entry' in parsed ? referencesOf(parsed.entry) : []) {
        if (reference.kept === 0) continue;
        segment = reference.segment;
        segmentBytes = reference.offset + reference.kept;
      }
      return true;
    });
    if (!goOn) break;
  }
  return { entriesBytes, segment, segmentBytes };
}

/** Copies what will be cut and writes down that it was. A cut that an earlier run noted is not noted again. */
async function note(directory: string, { where, what }: Problem, cuts: readonly Cut[]): Promise<void> {
  const noted = readDamage(directory);
  const parts: DamagedPart[] = [...(noted?.parts ?? [])];
  for (const cut of cuts) {
    const number = parts.length + 1;
    const sha256 = await copyEnd(directory, cut, liveDamagedName(number));
    const { file, at, bytes } = cut;
    const isNoted = parts.some(
      (part) => part.file === file && part.at === at && part.bytes === bytes && part.sha256 === sha256,
    );
    if (!isNoted) parts.push({ name: sealedDamagedName(number), file, at, bytes, sha256 });
  }
  const first = (damage: readonly Cut[]): number =>
    Math.min(...damage.map(({ file, at }) => (file === ENTRIES_NAME ? at : Infinity)));
  const earlier = noted === undefined || first(cuts) < first(noted.parts);
  const damage: Damage = { ...(earlier ? { where, what } : { where: noted.where, what: noted.what }), parts };
  replaceOwn(directory, DAMAGE_NAME, JSON.stringify(damage));
  await syncDirectory(directory);
}

async function copyEnd(directory: string, { file, at, bytes }: Cut, name: string): Promise<string> {
  const digest = createHash('sha256');
  const from = await openOwn(directory, file, OPEN.read);
  try {
    const to = await openOwn(directory, name, OPEN.replace);
    try {
      for await (const chunk of fileChunks(from, { offset: at, size: bytes })) {
        digest.update(chunk);
        await writeAll(to, chunk);
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  return digest.digest('hex');
}

async function truncateSynced(directory: string, { file: name, at }: Cut): Promise<void> {
  const file = await openOwn(directory, name, OPEN.change);
  try {
    await file.truncate(at);
    await file.sync();
  } finally {
    await file.close();
  }
}
