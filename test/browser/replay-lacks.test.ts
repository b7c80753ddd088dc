import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COM_QUERY } from '../../src/protocols/mysql/wire/commands.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { RawClient } from '../support/clients/raw.js';
import { servers } from '../support/engines.js';
import { makeTarget, openTask, type TestTarget, untilOver } from '../support/task.js';
import { leasesRunOut } from '../support/time-passes.js';
import { startTripwireProxy } from '../support/tripwire-proxy.js';
import { expectAccessible } from './support/accessible.js';
import { usePages } from './support/pages.js';
import { shoot } from './support/shots.js';

const pages = usePages({
  env: { GATEWAY_LEASE_SECONDS: '3', REAP_EVERY_SECONDS: '1', RECORDING_BYTES_PER_STATEMENT_MAX: '65536' },
});
const SLEEPING = 'SELECT id FROM things WHERE SLEEP(30)';
let target: TestTarget;

beforeAll(async () => {
  target = await makeTarget(pages.broker(), servers().mariadb, {
    schema: ['CREATE TABLE things (id INT PRIMARY KEY)', 'INSERT INTO things VALUES (1), (2)'],
  });
});
afterAll(() => target?.drop());

/** The replay of a recording that lacks something, and the note that says so. */
async function lacking(id: string, ...words: readonly (string | RegExp)[]): Promise<Page> {
  const page = await pages.as('reviewer', { path: `/recordings/${id}` });
  const note = page.locator('.note').filter({ hasText: 'Not in this recording' });
  for (const text of words) await note.getByText(text).waitFor();
  expect(await note.getByRole('listitem').count()).toBe(words.length);
  return page;
}

describe('a replay says what its recording lacks', () => {
  it('of an answer that was cut', async () => {
    const task = await openTask(pages.broker(), target);
    await withMysql2(task.login, async (client) => {
      await client.query("SELECT REPEAT('x', 200000) AS long_text");
    });
    await task.close();
    const page = await lacking(task.id, /^1 answer of which only the beginning was kept/);
    await page.locator('.entry').filter({ hasText: 'REPEAT' }).first().click();
    const detail = page.getByRole('region', { name: 'The chosen entry' });
    await detail.getByText('cut', { exact: true }).first().waitFor();
    await expectAccessible(page);
    await shoot(page, 'replay-cut');
  });

  it('of a part that was damaged before it was sealed', async () => {
    const task = await openTask(pages.broker(), target);
    await withMysql2(task.login, async (client) => {
      for (const n of [1, 2, 3]) await client.query(`SELECT ${n} AS n`);
    });
    const file = join(pages.broker().recordingsFolder, task.id, 'entries.jsonl');
    const entries = await readFile(file);
    const at = entries.indexOf('SELECT 2 AS n');
    entries[at] = entries.readUInt8(at) ^ 1;
    await writeFile(file, entries);
    await task.close();
    const page = await lacking(task.id, /^A part was damaged before the recording was sealed/, /^Its gateway died/);
    await expectAccessible(page);
    await shoot(page, 'replay-damaged');
  });

  it('of a statement whose target went away', async () => {
    const wire = await startTripwireProxy(servers().mariadb);
    const away = await makeTarget(pages.broker(), servers().mariadb, {
      schema: ['CREATE TABLE things (id INT PRIMARY KEY)', 'INSERT INTO things VALUES (1), (2)'],
      registration: { host: wire.host, port: wire.port },
    });
    try {
      const task = await openTask(pages.broker(), away);
      const client = await RawClient.logIn(task.login);
      const gone = wire.arm({ text: /SLEEP/, moment: 'after', onTrip: () => wire.cut() });
      client.command(COM_QUERY, 'SELECT id FROM things WHERE SLEEP(1)');
      await gone;
      await client.err();
      wire.mend();
      await task.close();
      const page = await lacking(task.id, /^1 statement whose answer never came/);
      await page.locator('.entry').filter({ hasText: 'SLEEP' }).first().click();
      const detail = page.getByRole('region', { name: 'The chosen entry' });
      await detail.getByText('Nobody could say how it ended. It may have run.').first().waitFor();
      await expectAccessible(page);
      await shoot(page, 'replay-unknown');
    } finally {
      await wire.close();
      await away.drop();
    }
  });

  it('of what ran when its gateway died', async () => {
    const task = await openTask(pages.broker(), target);
    const client = await RawClient.logIn(task.login);
    client.command(COM_QUERY, SLEEPING);
    await vi.waitFor(
      async () => {
        const running =
          "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT id FROM things WHERE SLEEP%'";
        expect(await target.rootRows(running)).toHaveLength(1);
      },
      { timeout: 30_000 },
    );
    await pages.broker().kill('gateway');
    await leasesRunOut(pages.broker());
    await pages.broker().restart('gateway');
    expect((await untilOver(pages.broker(), task.id)).state).toBe('sealed');
    client.end();
    const page = await lacking(task.id, /^Its gateway died/);
    await page.locator('.entry').filter({ hasText: 'SLEEP' }).first().click();
    const detail = page.getByRole('region', { name: 'The chosen entry' });
    await detail.getByText(SLEEPING, { exact: true }).waitFor();
    await detail
      .getByText(/may have run/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await shoot(page, 'replay-interrupted');
  });
});
