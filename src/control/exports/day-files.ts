import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { z } from 'zod';
import type { ExportedStatement } from '../../persistence/statements/statement-days.repository.js';
import { frameBytesMax } from '../../recording/frames/zstd-frame.js';
import { EXPORTS_NAME } from '../../recording/stores/directory.js';
import { systemErrorCode } from '../../recording/write/system-error.js';
import { columnsOf, STATEMENT_SCHEMA } from './statement-columns.js';

/** What is known of a day's file: what it was made of. Engines pass over names that begin so. */
const NOTE_NAME = '_export.json';
const FILE_NAME = 'statements.parquet';

const noteSchema = z.object({ stamp: z.string(), statements: z.int(), bytes: z.int() });
export type DayNote = Readonly<z.infer<typeof noteSchema>>;

/** A row group is in memory as a whole. */
const GROUP_ROWS_MAX = 50_000;
const GROUP_CHARACTERS_MAX = 16 * 1024 * 1024;

/** The recordings come first: a full disk stops every statement. */
const FREE_BYTES_MIN = 1024 * 1024 * 1024;

/** The disk has too little room beside the recordings. */
export class NoRoom extends Error {
  constructor(directory: string) {
    super(`${directory} has less than 1 GiB of free space, which recordings need`);
    this.name = 'NoRoom';
  }
}

/** The exported days, one folder for each in the store of recordings: `exports/statements/day=2026-11-29/`. */
export class DayFiles {
  readonly #root: string;

  /** @param recordings where recordings are */
  constructor(recordings: string) {
    this.#root = join(recordings, EXPORTS_NAME, 'statements');
  }

  /** Undefined where the day has no file. */
  async note(day: string): Promise<DayNote | undefined> {
    try {
      const read = noteSchema.safeParse(JSON.parse(await readFile(join(this.#folder(day), NOTE_NAME), 'utf8')));
      await stat(this.path(day));
      return read.data;
    } catch (error) {
      if (error instanceof SyntaxError || systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  path(day: string): string {
    return join(this.#folder(day), FILE_NAME);
  }

  /** Writes the day's file in the place of the one that is there, or takes that away when there are no statements. */
  async write(day: string, stamp: string, statements: AsyncIterable<readonly ExportedStatement[]>): Promise<DayNote> {
    const folder = this.#folder(day);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < FREE_BYTES_MIN) throw new NoRoom(folder);
    const made = join(folder, `_${randomUUID()}.tmp`);
    try {
      const count = await writeParquet(made, statements);
      if (count === 0) {
        await this.remove(day);
        return { stamp, statements: 0, bytes: 0 };
      }
      const note = { stamp, statements: count, bytes: (await stat(made)).size };
      // The note goes first: with an older file beside it the day is only written once too often.
      await rm(join(folder, NOTE_NAME), { force: true });
      await rename(made, this.path(day));
      await writeNote(join(folder, NOTE_NAME), note);
      return note;
    } finally {
      await rm(made, { force: true });
    }
  }

  async remove(day: string): Promise<void> {
    await rm(this.#folder(day), { recursive: true, force: true });
  }

  #folder(day: string): string {
    return join(this.#root, `day=${day}`);
  }
}

/** Gives how many statements there were. Memory: one row group. */
async function writeParquet(path: string, statements: AsyncIterable<readonly ExportedStatement[]>): Promise<number> {
  // Only the broker may read it; the library keeps the file that is there.
  const file = await open(path, 'wx', 0o600);
  try {
    const writer = new ParquetWriter({
      writer: fileWriter(path),
      schema: STATEMENT_SCHEMA,
      codec: 'ZSTD',
      // Room that is left over: where none is, Node.js has an empty frame follow.
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes, { chunkSize: frameBytesMax(bytes.length) }) },
      createdBy: 'doorwarden',
    });
    let count = 0;
    let group: ExportedStatement[] = [];
    let characters = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 0) await writer.write({ columnData: columnsOf(group), rowGroupSize: group.length });
      count += group.length;
      group = [];
      characters = 0;
    };
    for await (const part of statements) {
      for (const statement of part) {
        group.push(statement);
        characters += statement.text.length + (statement.bound?.length ?? 0);
        if (group.length >= GROUP_ROWS_MAX || characters >= GROUP_CHARACTERS_MAX) await flush();
      }
    }
    await flush();
    await writer.finish();
    await file.sync();
    return count;
  } finally {
    await file.close();
  }
}

async function writeNote(path: string, note: DayNote): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(note)}\n`);
  } finally {
    await file.close();
  }
}
