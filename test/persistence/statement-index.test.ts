import { globSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { IndexRenewal } from '../../src/control/indexing/index-renewal.js';
import { StatementIndexer } from '../../src/control/indexing/statement-indexer.js';
import { grantIdOf, newGrantId } from '../../src/domain/ids.js';
import type { GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { RecordingRepository } from '../../src/persistence/recordings/recording.repository.js';
import { createStateSource, migrate, type StateSource } from '../../src/persistence/state/data-source.js';
import { StatementIndexRepository } from '../../src/persistence/statements/statement-index.repository.js';
import { type FoundStatement, StatementRows } from '../../src/persistence/statements/statement-rows.js';
import {
  SEARCH_BUDGET,
  type SearchBudget,
  type SearchCursor,
  type SearchOptions,
  StatementSearchRepository,
} from '../../src/persistence/statements/statement-search.repository.js';
import { fileDigest } from '../../src/recording/chain/file-digest.js';
import type { EntryFields } from '../../src/recording/entries/entries.js';
import { sealRecording } from '../../src/recording/seal/seal.js';
import { generateSealKey, jwkSigner } from '../../src/recording/seal/signer.js';
import { DirectoryRecordingStore } from '../../src/recording/stores/directory.js';
import {
  grantClosed,
  grantOpened,
  sessionClosed,
  sessionOpened,
  statement,
  unpack,
} from '../../src/recording/testing/recordings.js';
import { RecordingWriter } from '../../src/recording/write/writer.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { RECORDED } from '../support/recorded.js';

const LIMIT = 200;
/** Recordings that versions before this one have sealed, and this one. */
const FIXTURES = join(ROOT, 'test/fixtures/recordings');

describe.each(engines())('the index of statements on $flavour $version', (engine) => {
  const folder = makeTemporaryFolder();
  const store = new DirectoryRecordingStore(folder);
  let database: OwnDatabase;
  let source: StateSource;

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await migrate(source, []);
  });
  afterAll(async () => {
    await source?.destroy();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A process of its own that reads recordings. */
  function reader() {
    const index = new StatementIndexRepository(source);
    const counts = { statements: 0, failed: [] as string[] };
    const indexer = new StatementIndexer({
      index,
      recordings: new RecordingRepository(source),
      store,
      recorded: RECORDED,
      protocols: PROTOCOLS,
      metrics: { indexed: (count) => void (counts.statements += count), unindexed: () => undefined },
    });
    const renewal = new IndexRenewal({
      indexer,
      index,
      store,
      statements: () => counts.statements,
      progress: () => undefined,
      failed: (id) => void counts.failed.push(id),
    });
    return { index, indexer, renewal, counts };
  }

  async function record(id: GrantId): Promise<RecordingWriter> {
    const directory = store.liveDirectory(id);
    const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
    writer.append({ ...grantOpened, grant: id, task: { title: `Task ${id}` } });
    writer.append(sessionOpened);
    return writer;
  }

  function write(writer: RecordingWriter, from: number, texts: readonly string[]): void {
    for (const [place, text] of texts.entries()) {
      writer.append(statement(from + place, text));
      writer.append(answered(from + place));
    }
  }

  async function seal(id: GrantId, writer: RecordingWriter): Promise<void> {
    writer.append(sessionClosed);
    writer.append({ type: 'grant.closing', reason: 'completed', by: null });
    writer.append(grantClosed());
    await writer.close();
    const signer = await jwkSigner(await generateSealKey());
    const [directory, out] = [store.liveDirectory(id), store.sealingPath(id)];
    await sealRecording({ grant: id, directory, out, signer, protocols: RECORDED, clock: systemClock });
    await rm(directory, { recursive: true });
    await register(id);
  }

  /** As the worker does once it has sealed a recording. */
  async function register(id: GrantId): Promise<void> {
    const file = await store.openSealed(id);
    const sha256 = await fileDigest(file);
    await file.close();
    const row = {
      grantId: id,
      principalName: 'ada',
      targetName: 'shop',
      entries: 1,
      statements: 1,
      bytes: 1,
      sha256,
      keyId: 'k',
    };
    await source.query(
      `INSERT INTO recordings (grant_id, principal_name, target_name, entries, statements, bytes, sha256, key_id, interrupted, opened_at, sealed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)`,
      Object.values(row),
    );
  }

  async function search(asked: Partial<SearchOptions>, budget: SearchBudget = SEARCH_BUDGET) {
    const found = new StatementSearchRepository(source, budget);
    const options = { asked: {}, words: [], limit: LIMIT, countMax: 10_000, ...asked };
    const page = await found.search(options);
    return { ...page, items: await new StatementRows(source).load(page.keys) };
  }

  /** All pages of a search. */
  async function all(asked: Partial<SearchOptions>, budget?: SearchBudget) {
    const items: FoundStatement[] = [];
    let pages = 0;
    let cursor: SearchCursor | undefined;
    do {
      const page = await search({ ...asked, cursor }, budget);
      items.push(...page.items);
      cursor = page.next ?? undefined;
      pages += 1;
    } while (cursor !== undefined);
    return { items, pages };
  }

  const of = async (id: GrantId) => (await all({ asked: { grant: id } })).items;

  it('has every statement once, however often and from wherever a live recording is read', async () => {
    const id = newGrantId();
    const writer = await record(id);
    write(writer, 1, ['SELECT 1', 'SELECT 2']);
    writer.append(statement(3, 'UPDATE orders SET a = 1'));
    await flushed(writer);
    expect(await reader().indexer.live(id)).toBe('indexed');
    const [open] = await of(id);
    expect(open).toMatchObject({ operation: 3, durationUs: null, isLive: true });
    await reader().indexer.live(id);
    writer.append(answered(3));
    write(writer, 4, ['SELECT 4']);
    await flushed(writer);
    await Promise.all([reader().indexer.live(id), reader().indexer.live(id)]);
    await reader().indexer.live(id);
    expect((await of(id)).map(({ operation, durationUs }) => [operation, durationUs])).toEqual([
      [4, 120],
      [3, 120],
      [2, 120],
      [1, 120],
    ]);
    const live = await of(id);
    await seal(id, writer);
    expect(await reader().indexer.sealed(id)).toBe('indexed');
    expect(await of(id)).toEqual(live.map((found) => ({ ...found, isLive: false })));
  });

  it('goes on where a reader was killed, between any two of its batches', async () => {
    const id = newGrantId();
    const writer = await record(id);
    const texts = Array.from({ length: 1_200 }, (_, number) => `SELECT a FROM t_${number % 3} WHERE id = ${number}`);
    write(writer, 1, texts);
    await seal(id, writer);
    const killed = reader();
    killed.indexer.stop(); // after the next batch
    expect(await killed.indexer.sealed(id)).toBe('busy');
    const first = await of(id);
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(texts.length);
    expect(await killed.index.due(10)).toContain(id);
    expect(await reader().indexer.sealed(id)).toBe('indexed');
    const items = await of(id);
    expect(items.map(({ text }) => text)).toEqual(texts.toReversed());
    expect(await killed.index.due(10)).not.toContain(id);
  });

  it('of two readers of one recording lets one go on', async () => {
    const id = newGrantId();
    const writer = await record(id);
    write(writer, 1, ['SELECT 1']);
    await flushed(writer);
    const { indexer, index } = reader();
    await indexer.live(id);
    const grant = await index.find(id);
    if (grant === undefined) throw new Error('The recording is not in the index.');
    const batch = { statements: [], outcomes: [], doneSeq: grant.doneSeq + 1, donePrev: 'x', unfinished: {} };
    expect(await index.apply(grant, batch)).toBe(true);
    expect(await index.apply(grant, batch)).toBe(false);
    await writer.close();
    await rm(store.liveDirectory(id), { recursive: true });
    await index.remove(id);
  });

  it('made again from the files is what it was, and lacks what has no file any more', async () => {
    const [kept, gone, foreign] = [newGrantId(), newGrantId(), newGrantId()];
    for (const id of [kept, gone]) {
      const writer = await record(id);
      write(writer, 1, [`SELECT a FROM only_of_${id} WHERE b = 'x'`, 'UPDATE shared SET a = 2']);
      await seal(id, writer);
      await reader().indexer.sealed(id);
    }
    const before = await all({ asked: { target: 'shop' } });
    await rm(store.sealingPath(gone));
    await writeFile(store.sealingPath(foreign), 'no recording');
    const { renewal, counts } = reader();
    const done = await renewal.run(undefined);
    expect(done).toMatchObject({ removed: 1, failed: 1 });
    expect(counts.failed).toEqual([foreign]);
    await rm(store.sealingPath(foreign));
    const after = await all({ asked: { target: 'shop' } });
    expect(after.items).toEqual(before.items.filter(({ grant }) => grant !== gone));
    expect((await search({ words: [gone] })).items).toEqual([]);
    const [left]: readonly { readonly found: string }[] = await source.query(
      'SELECT COUNT(*) AS found FROM statement_wordings WHERE text LIKE ?',
      [`%${gone}%`],
    );
    expect(Number(left?.found)).toBe(0);
    expect(await reader().renewal.run(kept)).toMatchObject({ recordings: 1, statements: 2, removed: 0, failed: 0 });
    expect((await all({ asked: { target: 'shop' } })).items).toEqual(after.items);
  });

  it('reads a recording from the beginning when another stands in its place', async () => {
    const id = newGrantId();
    const writer = await record(id);
    write(writer, 1, ['SELECT 1', 'SELECT 2']);
    await flushed(writer);
    await reader().indexer.live(id);
    await writer.close();
    await rm(store.liveDirectory(id), { recursive: true });
    const other = await record(id);
    write(other, 1, ['SELECT 3', 'SELECT 4', 'SELECT 5']);
    await flushed(other);
    await reader().indexer.live(id);
    expect((await of(id)).map(({ text }) => text)).toEqual(['SELECT 5', 'SELECT 4', 'SELECT 3']);
    await other.close();
  });

  it('is searched within a budget, and finds the same with a small one, page after page', async () => {
    const id = newGrantId();
    const writer = await record(id);
    const texts = Array.from(
      { length: 60 },
      (_, number) => `SELECT a FROM budget_${number % 4} WHERE b = 'value_${number % 10}'`,
    );
    write(writer, 1, texts);
    await seal(id, writer);
    await reader().indexer.sealed(id);
    const small = { rowsMax: 7, textRowsMax: 20 };
    for (const asked of [
      { table: 'shop.budget_2' },
      { table: 'budget_2', durationMinUs: 100 },
      { durationMinUs: 121 },
    ]) {
      const whole = await all({ asked: { ...asked, grant: id } });
      const paged = await all({ asked: { ...asked, grant: id }, limit: 3 }, small);
      expect(paged.items).toEqual(whole.items);
      expect(paged.pages).toBeGreaterThan(1);
    }
    // The wording is found at any age, a value only in the newest texts; the page says so.
    const wording = await search({ asked: { grant: id }, words: ['budget_1'] }, small);
    expect(wording).toMatchObject({ texts: 'forms', count: { value: 15, exact: true } });
    expect(wording.items.map(({ text }) => text)).toEqual(
      texts.filter((text) => text.includes('budget_1')).toReversed(),
    );
    const value = await search({ asked: { grant: id }, words: ['value_3'] }, small);
    expect(value).toMatchObject({ texts: 'forms', count: { value: 2, exact: true } });
    const older = { grant: id, toUs: value.textsFromUs ?? 0 };
    expect((await search({ asked: older, words: ['value_3'] }, small)).items).not.toEqual([]);
    const paged = await all({ asked: { grant: id }, words: ['budget_1'], limit: 2 }, small);
    expect(paged.items).toEqual(wording.items);
  });

  it.each(globSync('*.tar', { cwd: FIXTURES }))('has all statements of %s, of whatever format it is', async (name) => {
    const bytes = await readFile(join(FIXTURES, name));
    const members = await unpack(join(FIXTURES, name));
    const manifest = JSON.parse(String(members.get('manifest.json'))) as {
      grant: string;
      operations?: number;
      statements?: number;
    };
    const id = grantIdOf(manifest.grant);
    await writeFile(store.sealingPath(id), bytes);
    await register(id);
    expect(await reader().indexer.sealed(id)).toBe('indexed');
    const items = await of(id);
    expect(items).toHaveLength(manifest.operations ?? manifest.statements ?? Number.NaN);
    for (const { text, kind } of items)
      expect([text, kind]).toEqual([expect.stringMatching(/./), expect.stringMatching(/^[a-z]/)]);
    await rm(store.sealingPath(id));
    await reader().index.remove(id);
    await source.query('DELETE FROM recordings WHERE grant_id = ?', [id]);
  });

  it('walks its indexes in their order: no search sorts what it walks', async () => {
    for (const [asked, words] of [
      [{}, []],
      [{ principal: 'ada' }, []],
      [{ target: 'shop', durationMinUs: 1 }, []],
      [{ kind: 'select' }, []],
      [{ table: 'shop.budget_2', toUs: 1 }, []],
      [{ table: 'shop.budget_2', verdict: 'allow' }, []],
      [{}, ['absent-word']],
      [{}, ['budget_2']],
      [{ target: 'shop' }, ['absent-word']],
    ] as const) {
      const asking = vi.spyOn(source.manager, 'query');
      await search({ asked, words: [...words] }, { rowsMax: 50, textRowsMax: 20 });
      const queries = asking.mock.calls.map(([sql, values]) => ({ sql, values: Array.isArray(values) ? values : [] }));
      asking.mockRestore();
      const walks = queries.filter(({ sql }) => /FROM (?:statements t|statement_facets f)/.test(sql));
      expect(walks).not.toEqual([]);
      for (const { sql, values } of walks) {
        const plan = sql.replace(/^SET STATEMENT .*? FOR /, '').replace(/\/\*\+.*?\*\//, '');
        const how = engine.flavour === 'mysql' ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN';
        const steps: readonly Readonly<Record<string, unknown>>[] = await source.query(`${how} ${plan}`, values);
        const walked = steps.filter((step) => step['table'] === 't' || step['table'] === 'f');
        expect(walked, plan).not.toEqual([]);
        for (const step of walked) expect(String(step['Extra']), plan).not.toMatch(/filesort|temporary/);
      }
    }
  });

  it('says where it ends when too many wordings have the words', async () => {
    const id = newGrantId();
    const writer = await record(id);
    write(
      writer,
      1,
      Array.from({ length: 520 }, (_, number) => `SELECT a_${number} FROM manifold`),
    );
    await seal(id, writer);
    await reader().indexer.sealed(id);
    const page = await search({ asked: { grant: id }, words: ['manifold'] }, { rowsMax: 50, textRowsMax: 20 });
    expect(page).toMatchObject({ texts: 'nothing', next: null, count: { exact: false } });
    expect(page.items.length).toBeGreaterThanOrEqual(20);
    expect(page.items.length).toBeLessThan(520);
    expect(page.backToUs).toBe(page.textsFromUs);
    expect((await search({ asked: { grant: id }, words: ['manifold'] })).count).toEqual({ value: 520, exact: true });
  });
});

/** Everything that was appended can be read. */
function flushed(writer: RecordingWriter): Promise<void> {
  return new Promise((resolve) => {
    writer.append({ type: 'note', session: 1, name: 'COM_PING' }, resolve);
  });
}

function answered(number: number): EntryFields {
  return {
    type: 'result',
    session: 1,
    operation: number,
    name: 'COM_QUERY',
    outcome: 'ok',
    durationUs: 120,
    body: { results: [{ kind: 'rows', columns: 1, rows: 1, warnings: 0 }] },
  };
}
