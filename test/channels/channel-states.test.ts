import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { channelViewOf } from '../../src/control/channels/channel-view.js';
import { ChannelReports } from '../../src/control/channels/channel-reports.js';
import { newPrincipalId } from '../../src/domain/ids.js';
import { type ChannelReport, ChannelStateRepository } from '../../src/persistence/channels/channel-state.repository.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';

let database: OwnDatabase;
let source: StateSource;
let states: ChannelStateRepository;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  states = new ChannelStateRepository(source);
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});
beforeEach(() => source.query('DELETE FROM channels'));

const ASKER = { id: newPrincipalId(), name: 'alex' };

function report(changed: Partial<ChannelReport> = {}): Promise<void> {
  return states.report({
    name: 'email',
    isOpen: true,
    testable: true,
    hasSent: false,
    failure: null,
    waiting: null,
    ...changed,
  });
}

async function view() {
  const [state] = await states.list();
  return state && channelViewOf(state);
}

/** Lets so much time pass, as far as the database is concerned. */
async function passes(...columns: readonly string[]): Promise<void> {
  for (const column of columns) await source.query(`UPDATE channels SET ${column} = ${column} - 130000`);
}

const uncounted = { sent: () => undefined, waiting: () => undefined };

describe('what workers say of a channel', () => {
  it('is put together: one that has it not open says nothing against one that has', async () => {
    await report({ hasSent: true, waiting: 3 });
    await report({ isOpen: false, testable: false });
    expect(await view()).toMatchObject({ configured: true, testable: true, health: 'good', waiting: 3 });
  });

  it('is that it is not set up, where no worker has it open any more', async () => {
    await report();
    await passes('open_at', 'seen_at');
    expect(await view()).toMatchObject({ configured: null, testable: false });
    await report({ isOpen: false });
    expect(await view()).toMatchObject({ configured: false, testable: false });
  });

  it('is a failure until something goes out again', async () => {
    await report();
    expect(await view()).toMatchObject({ health: 'quiet', lastFailure: null });
    await report({ hasSent: true });
    await passes('sent_at');
    await report({ failure: 'The server is away.' });
    expect(await view()).toMatchObject({ health: 'failing', lastFailure: 'The server is away.' });
    await passes('failed_at');
    await report({ hasSent: true });
    expect(await view()).toMatchObject({ health: 'good', lastFailure: 'The server is away.' });
  });

  it('fits, however long a failure is', async () => {
    await report({ failure: 'x'.repeat(1_000) });
    expect((await view())?.lastFailure).toHaveLength(300);
  });

  it('is told later when the state database did not take it', async () => {
    const away = {
      report: (told: ChannelReport) => Promise.reject(new Error(`away: ${told.name}`)),
    };
    let isAway = true;
    const reports = new ChannelReports(
      { report: (told) => (isAway ? away.report(told) : states.report(told)) },
      uncounted,
    );
    reports.about([{ name: 'email', isOpen: true, testable: true }]);
    reports.sent('email', 'repeated', 'The server is away.');
    await expect(reports.write(0)).rejects.toThrow('away');
    isAway = false;
    reports.waiting('email', 2);
    await reports.write(1);
    expect(await view()).toMatchObject({ lastFailure: 'The server is away.', waiting: 2 });
  });
});

describe('a test', () => {
  it('is taken by one of several workers, and of a channel that it has open', async () => {
    await report();
    const id = await states.askTest('email', ASKER);
    expect(await states.takeTests(['slack'])).toEqual([]);
    const taken = await Promise.all([1, 2, 3].map(() => states.takeTests(['email'])));
    expect(taken.flat()).toEqual([{ id, channel: 'email', by: ASKER.id }]);
    expect((await view())?.test).toMatchObject({ askedBy: 'alex', doneAt: null });
  });

  it('is one at a time, until it is over or lost', async () => {
    await report();
    expect(await states.askTest('email', ASKER)).toBeDefined();
    expect(await states.askTest('email', ASKER)).toBeUndefined();
    const [taken] = await states.takeTests(['email']);
    if (taken === undefined) throw new Error('nothing was taken');
    await states.testDone(taken, 'No.');
    expect((await view())?.test).toMatchObject({ failure: 'No.', doneAt: expect.any(String) });
    expect(await states.askTest('email', ASKER)).toBeDefined();
    await passes('test_asked_at');
    expect(await states.takeTests(['email'])).toEqual([]);
    expect(await states.askTest('email', ASKER)).toBeDefined();
    await states.testDone(taken, 'late');
    expect((await view())?.test).toMatchObject({ failure: null, doneAt: null });
  });
});
