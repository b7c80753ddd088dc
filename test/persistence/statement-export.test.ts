import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DayFiles } from '../../src/control/exports/day-files.js';
import { StatementExporter } from '../../src/control/exports/statement-exporter.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { StatementDaysRepository } from '../../src/persistence/statements/statement-days.repository.js';
import { DirectoryRecordingStore } from '../../src/recording/stores/directory.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { ROOT } from '../support/folders.js';
import { engines } from '../support/engines.js';
import { placeStatements, type PlacedStatement } from '../support/indexed-statements.js';

const CJK = "UPDATE orders SET note = '発送済 ✅ naïve' WHERE id = 7";
const HOUR_MS = 3_600_000;

/** 2,500 statements of one day, more than are read at once, some of them of one microsecond; and some of others. */
const DAY: readonly PlacedStatement[] = Array.from({ length: 2_500 }, (_, index) => ({
  at: new Date(Date.parse('2026-11-28T00:00:00Z') + Math.floor(index / 3) * 34_000).toISOString(),
  kind: index % 5 === 0 ? 'update' : 'select',
  text: index % 5 === 0 ? CJK : `SELECT ${index % 7} FROM orders`,
  tables: index % 5 === 0 ? ['shop.orders', 'shop.注文'] : [],
  database: index % 4 === 0 ? null : 'shop',
  verdict: index % 10 === 0 ? 'hold' : 'allow',
  decision: index % 10 === 0 ? 'approved' : null,
  decidedBy: index % 10 === 0 ? ['ada', 'grace'] : [],
  changed: index % 5 === 0 ? 9_007_199_254_740_991 - index : null,
  rows: index % 5 === 0 ? null : index,
  durationUs: index % 50 === 0 ? null : index * 3,
  error: index % 25 === 0 ? { code: '1213', state: '40001' } : null,
  bound: index % 6 === 0 ? `'発送', ${index}` : null,
}));

describe.each(engines())('the export of statements from $flavour $version', (engine) => {
  let database: OwnDatabase;
  let source: DataSource;
  let folder: string;
  let duck: DuckDBConnection;
  let nowMs = Date.parse('2026-11-30T08:00:00Z');
  let files: DayFiles;
  const told: string[] = [];

  beforeAll(async () => {
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await source.runMigrations();
    folder = await mkdtemp(join(tmpdir(), 'doorwarden-export-'));
    files = new DayFiles(folder);
    duck = await (await DuckDBInstance.create(':memory:')).connect();
    await duck.run("SET TimeZone = 'UTC'");
    await placeStatements(source, { sponsor: { name: 'ada', isClaim: true }, reference: 'SHOP-1' }, DAY);
    await placeStatements(source, { principal: 'エージェント', target: 'wiki' }, [
      { at: '2026-11-27T23:59:59.999999Z' },
      { at: '2026-11-28T00:00:00.000001Z' },
      { at: '2026-11-29T00:00:00Z', text: 'SELECT 29' },
    ]);
  }, 120_000);
  afterAll(async () => {
    duck?.disconnectSync();
    await source?.destroy();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  function exporter(): StatementExporter {
    const clock = { ...systemClock, nowMs: () => nowMs };
    const log = { info: (facts: object) => void told.push(JSON.stringify(facts)) };
    return new StatementExporter({ days: new StatementDaysRepository(source), files, clock, log });
  }

  async function ask(query: string): Promise<Record<string, unknown>[]> {
    const reader = await duck.runAndReadAll(query);
    return reader.getRowObjectsJson();
  }

  const from = (days: string): string => `read_parquet('${folder}/exports/statements/day=${days}/*.parquet')`;

  it('writes one file for each finished day, and DuckDB reads in them what is in the index', async () => {
    await exporter().look();
    expect((await readdir(join(folder, 'exports', 'statements'))).sort()).toEqual([
      'day=2026-11-27',
      'day=2026-11-28',
      'day=2026-11-29',
    ]);
    const index = await source.query(
      `SELECT COUNT(*) AS n, COUNT(changed_rows) AS changed, SUM(read_rows) AS rows_read, COUNT(DISTINCT t.wording_no) AS wordings,
         COUNT(database_no) AS bases, MIN(at) AS first, MAX(at) AS last, COUNT(bound) AS bound, SUM(at % 1000003) AS times
       FROM statements t WHERE at >= ? AND at < ?`,
      ['2026-11-28', '2026-11-29'].map((day) => Date.parse(`${day}T00:00:00Z`) * 1_000),
    );
    const [row] = await ask(
      `SELECT COUNT(*) AS n, COUNT(changed_rows) AS changed, SUM(read_rows) AS rows_read, COUNT(DISTINCT statement) AS wordings,
         COUNT(database_name) AS bases, epoch_us(MIN(ts)) AS first, epoch_us(MAX(ts)) AS last, COUNT(bound_values) AS bound,
         SUM(epoch_us(ts) % 1000003) AS times
       FROM ${from('2026-11-28')}`,
    );
    const numbers = (values: object): object =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
    expect(numbers(row ?? {})).toEqual(numbers(index[0]));
    expect(Number(row?.['n'])).toBe(2_501);
  });

  it('has the columns with their types, NULL where nothing is known, and texts of any script', async () => {
    const columns = await ask(`DESCRIBE SELECT * FROM ${from('2026-11-28')}`);
    const types = new Map(columns.map((column) => [column['column_name'], column['column_type']]));
    expect(types.get('ts')).toBe('TIMESTAMP WITH TIME ZONE');
    expect(types.get('tables')).toBe('VARCHAR[]');
    expect(types.get('changed_rows')).toBe('BIGINT');
    expect(types.get('is_live')).toBe('BOOLEAN');
    const [first] = await ask(
      `SELECT * FROM ${from('2026-11-28')} WHERE operation = 1 AND target = 'shop' ORDER BY ts LIMIT 1`,
    );
    expect(first).toMatchObject({
      statement: CJK,
      tables: ['shop.orders', 'shop.注文'],
      database_name: null,
      decision: 'approved',
      decided_by: ['ada', 'grace'],
      error_code: '1213',
      error_state: '40001',
      changed_rows: '9007199254740991',
      read_rows: null,
      duration_us: null,
      bound_values: "'発送', 0",
      sponsor: 'ada',
      sponsor_is_claim: true,
      task_reference: 'SHOP-1',
      is_live: false,
      in_transaction: false,
      policies: ['default#reads'],
    });
    const [found] = await ask(
      `SELECT COUNT(*) AS n FROM ${from('*')} WHERE contains(statement, '発送済') AND list_contains(tables, 'shop.注文')`,
    );
    expect(Number(found?.['n'])).toBe(500);
    expect(await ask(`SELECT principal, sponsor, tables FROM ${from('2026-11-29')}`)).toEqual([
      { principal: 'エージェント', sponsor: null, tables: [] },
    ]);
  });

  it('is read by the query that the documentation gives for DuckDB', async () => {
    const page = await readFile(join(ROOT, 'docs', 'statement-export.md'), 'utf8');
    const query = /```sql\n(SELECT.*?)```/s.exec(page)?.[1] ?? '';
    expect(query).toContain('hive_partitioning');
    const rows = await ask(query.replace('/var/lib/doorwarden/recordings', folder).replace(/;\s*$/, ''));
    expect(rows).toMatchObject([{ day: '2026-11-28', target: 'shop', 'count_star()': '250' }]);
  });

  it('is in the order of time, in row groups, compressed, and for the broker alone to read', async () => {
    const [unsorted] = await ask(
      `SELECT COUNT(*) AS n FROM (SELECT ts, LAG(ts) OVER (ORDER BY file_row_number) AS before
       FROM read_parquet('${files.path('2026-11-28')}', file_row_number = true)) WHERE ts < before`,
    );
    expect(Number(unsorted?.['n'])).toBe(0);
    const [group] = await ask(
      `SELECT MAX(row_group_num_rows) AS rows, ANY_VALUE(compression) AS compression
       FROM parquet_metadata('${files.path('2026-11-28')}')`,
    );
    expect(group).toMatchObject({ compression: 'ZSTD' });
    expect((await stat(files.path('2026-11-28'))).mode & 0o777).toBe(0o600);
    expect(await new DirectoryRecordingStore(folder).listLive()).toEqual([]);
  });

  it('leaves a day alone until its recordings change, and writes it again then', async () => {
    const before = await stat(files.path('2026-11-29'));
    const other = await stat(files.path('2026-11-27'));
    told.length = 0;
    await exporter().look();
    expect(told).toEqual([]);
    await placeStatements(source, { isLive: true }, [{ at: '2026-11-29T23:00:00Z', text: 'SELECT late' }]);
    await exporter().look();
    expect((await stat(files.path('2026-11-29'))).ino).not.toBe(before.ino);
    expect((await stat(files.path('2026-11-27'))).ino).toBe(other.ino);
    expect(await ask(`SELECT statement, is_live FROM ${from('2026-11-29')} ORDER BY ts`)).toEqual([
      { statement: 'SELECT 29', is_live: false },
      { statement: 'SELECT late', is_live: true },
    ]);
  });

  it('takes a day away that has no statements any more, and writes none before the day is over', async () => {
    const { grantNo } = await placeStatements(source, {}, [{ at: '2026-11-30T07:00:00Z', text: 'SELECT today' }]);
    await exporter().look();
    expect(await files.note('2026-11-30')).toBeUndefined();
    nowMs += 24 * HOUR_MS;
    await exporter().look();
    expect(await files.note('2026-11-30')).toMatchObject({ statements: 1 });
    await source.query('DELETE FROM statements WHERE grant_no = ?', [grantNo]);
    await source.query('DELETE FROM statement_grants WHERE grant_no = ?', [grantNo]);
    await exporter().look();
    expect(await readdir(join(folder, 'exports', 'statements'))).not.toContain('day=2026-11-30');
  });

  it('is written at once by the command line, and the administrative record says so', async () => {
    const run = (...args: readonly string[]) =>
      promisify(execFile)(
        process.execPath,
        [join(ROOT, 'dist', 'apps', 'cli', 'main.js'), 'index', 'export', ...args],
        {
          cwd: folder,
          env: { ...process.env, DATABASE_URL: database.url, RECORDINGS_DIR: folder },
        },
      );
    const before = await stat(files.path('2026-11-28'));
    const { stdout } = await run('--from', '2026-11-26', '--to', '2026-11-28', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      days: [
        { day: '2026-11-26', statements: 0, path: null },
        { day: '2026-11-27', statements: 1 },
        { day: '2026-11-28', statements: 2_501, path: files.path('2026-11-28') },
      ],
    });
    expect((await stat(files.path('2026-11-28'))).ino).not.toBe(before.ino);
    const entries: readonly { readonly line: string }[] = await source.query('SELECT line FROM record_entries');
    expect(entries.map(({ line }) => line).join('\n')).toContain('"act":"statement.exported"');
    await expect(run('--day', 'yesterday')).rejects.toMatchObject({ code: 2, stdout: '' });
  });

  it('leaves the file that is there when it is stopped, and nothing beside it', async () => {
    const day = '2026-11-28';
    const whole = await readFile(files.path(day));
    const stopped = exporter();
    stopped.stop();
    await expect(stopped.exportDay(day)).rejects.toThrow();
    await stopped.look();
    expect((await readFile(files.path(day))).equals(whole)).toBe(true);
    expect((await readdir(join(folder, 'exports', 'statements', `day=${day}`))).sort()).toEqual([
      '_export.json',
      'statements.parquet',
    ]);
  });
});
