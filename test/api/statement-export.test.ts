import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DayFiles } from '../../src/control/exports/day-files.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { useBroker } from '../support/broker.js';
import { placeStatements } from '../support/indexed-statements.js';

const DAY_MS = 86_400_000;
const broker = useBroker({ gateways: 0, env: { STATEMENT_EXPORT_SECONDS: '1' } });

it('is written by the worker that was told to, and goes on after a restart', async () => {
  const [first = '', second = ''] = [3, 2].map((ago) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10));
  const files = new DayFiles(broker().recordingsFolder);
  const source = await createStateSource(broker().stateDatabaseUrl).initialize();
  try {
    await placeStatements(source, {}, [{ at: `${first}T12:00:00Z` }, { at: `${first}T12:00:01Z` }]);
    await expect.poll(() => files.note(first)).toMatchObject({ statements: 2 });
    const file = await readFile(files.path(first));
    expect([file.subarray(0, 4), file.subarray(-4)].map(String)).toEqual(['PAR1', 'PAR1']);
    expect(files.path(first)).toBe(
      join(broker().recordingsFolder, 'exports', 'statements', `day=${first}`, 'statements.parquet'),
    );
    await broker().restart('worker');
    await placeStatements(source, {}, [{ at: `${second}T12:00:00Z` }]);
    await expect.poll(() => files.note(second)).toMatchObject({ statements: 1 });
  } finally {
    await source.destroy();
  }
  expect(broker().logs('worker')).toContain('the statements of a day were exported');
});
