import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApprovalFeed } from '../../src/control/approvals/approval-feed.js';
import { ApprovalKeeper } from '../../src/control/approvals/approval-keeper.js';
import { ApprovalSignals } from '../../src/messaging/approval-signals.js';
import type { ApprovalNotice, Notifier } from '../../src/channels/notifier.js';
import { GrantSignals } from '../../src/messaging/grant-signals.js';
import { ChangeWatch } from '../../src/messaging/change-watch.js';
import { Queues } from '../../src/messaging/queues.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { newId } from '../../src/domain/ids.js';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalSweepRepository } from '../../src/persistence/approvals/approval-sweep.repository.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { approvalChannel } from '../../src/queue/jobs.js';
import { approve, deny, insertActiveGrant, questionOf, TERMS } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { PROTOCOLS } from '../../src/apps/protocols.js';
import { KnownProtocols } from '../../src/control/modules/known-protocols.js';

const prefix = `test-${newId()}`;
const silent = { warn: () => undefined, debug: () => undefined };
const preview: StatementPreview = {
  takenAtMs: 1,
  tables: [],
  affected: { kind: 'exact', rows: 2 },
  sample: null,
  triggers: [],
  cascades: [],
  locks: null,
};

let database: OwnDatabase;
let source: DataSource;
let queues: Queues;
let approvals: ApprovalRepository;
let sweep: ApprovalSweepRepository;
let desk: DatabaseApprovalDesk;
let noticesAsked: ApprovalId[];

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  queues = await Queues.connect({ url: servers().redis.url, prefix, log: silent });
  approvals = new ApprovalRepository(source);
  sweep = new ApprovalSweepRepository(source);
  noticesAsked = [];
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 20, totalMax: 1_000 },
    announce: () => undefined,
    requestJobs: () => undefined,
    requestNotice: (id) => void noticesAsked.push(id),
  });
});
afterAll(async () => {
  await queues?.close();
  await source?.destroy();
  await database?.drop();
});

async function ask(terms = TERMS): Promise<ApprovalId> {
  return (await desk.ask(questionOf(await insertActiveGrant(source), { terms }))).id;
}

function keeper(notifiers: readonly Notifier[], notifyMsMax = 10_000): ApprovalKeeper {
  return new ApprovalKeeper({
    sweep,
    approvals,
    channels: { notifiers },
    signals: new ApprovalSignals(queues, prefix, silent),
    grantSignals: new GrantSignals(queues.redis, prefix, silent),
    clock: systemClock,
    protocols: new KnownProtocols(PROTOCOLS),
    notifyMsMax,
  });
}

/** Notes what it is told. */
function listener(): Notifier & { readonly told: ApprovalNotice[] } {
  const told: ApprovalNotice[] = [];
  return { told, notify: async (notice) => void told.push(notice) };
}

/** Lets a time of an approval be over, as far as the database is concerned. */
async function over(id: ApprovalId, ...columns: readonly ('noticeAtMs' | 'remindAtMs')[]): Promise<void> {
  await source.getRepository(approvalEntity).update({ id }, Object.fromEntries(columns.map((column) => [column, 1])));
}

describe('people are told', () => {
  it('of a question, of its preview, of a first approval, of half of the time, and of the end', async () => {
    const people = listener();
    const tell = (id: ApprovalId) => keeper([people]).tell(id);
    const id = await ask({ ...TERMS, quorum: 2 });
    await tell(id);
    await tell(id); // nothing is new
    await desk.show(id, preview);
    expect(noticesAsked).toContain(id);
    await tell(id);
    await approvals.decide(approve(id));
    await tell(id);
    await over(id, 'noticeAtMs', 'remindAtMs');
    await tell(id);
    await approvals.decide(approve(id));
    await tell(id);
    await tell(id);
    expect(
      people.told.map(({ event, approval }) => [
        event,
        approval.state,
        approval.preview.state,
        approval.decisions.length,
      ]),
    ).toEqual([
      ['asked', 'pending', 'pending', 0],
      ['updated', 'pending', 'ready', 0],
      ['updated', 'pending', 'ready', 1],
      ['reminded', 'pending', 'ready', 1],
      ['settled', 'approved', 'ready', 2],
    ]);
    const revisions = people.told.map(({ approval }) => approval.revision);
    expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
  });

  it('of what happened while they were told, too', async () => {
    const people = listener();
    const id = await ask();
    const slow: Notifier = { notify: () => desk.show(id, preview) };
    await keeper([people, slow]).tell(id);
    await keeper([people]).tell(id);
    expect(people.told.map(({ event }) => event)).toEqual(['asked', 'updated']);
    const other = await ask();
    const late: Notifier = { notify: async () => void (await approvals.decide(deny(other))) };
    await keeper([people, late]).tell(other);
    await keeper([people]).tell(other);
    expect(people.told.slice(2).map(({ event }) => event)).toEqual(['asked', 'settled']);
  });

  it('still of a reminder after an update', async () => {
    const people = listener();
    const id = await ask();
    await keeper([people]).tell(id);
    await desk.show(id, preview);
    await keeper([people]).tell(id);
    const row = await source.getRepository(approvalEntity).findOneByOrFail({ id });
    expect([row.noticeAtMs, row.remindedAtMs]).toEqual([row.remindAtMs, null]);
  });

  it('each, when another way to tell fails or hangs; and all again later', async () => {
    const people = listener();
    const id = await ask();
    const broken: Notifier = { notify: async () => Promise.reject(new Error('no such channel')) };
    const hanging: Notifier = { notify: () => Promise.withResolvers<void>().promise };
    await expect(keeper([broken, people]).tell(id)).rejects.toThrow('no such channel');
    await over(id, 'noticeAtMs');
    await expect(keeper([hanging, people], 50).tell(id)).rejects.toMatchObject({ name: 'TimeoutError' });
    await over(id, 'noticeAtMs');
    await keeper([people]).tell(id);
    expect(people.told.map(({ event }) => event)).toEqual(['asked', 'asked', 'asked']);
    expect(await source.getRepository(approvalEntity).findOneByOrFail({ id })).not.toMatchObject({
      notifiedAtMs: null,
    });
  });
});

describe('anyone who follows', () => {
  it('begins again when more happens at once than can be followed, and misses nothing silently', async () => {
    const listening = new Redis(servers().redis.url, { lazyConnect: true, maxRetriesPerRequest: null });
    const watch = new ChangeWatch(listening, prefix);
    await watch.start();
    const feed = new ApprovalFeed(approvals, watch, silent);
    const never = new AbortController().signal;
    try {
      const follower = await feed.open({ id: 'ann', isAgent: false });
      const template = await ask();
      let seen = 0;
      let isOver = false;
      for (let round = 0; round < 4 && !isOver; round += 1) {
        await insertCopies(template, round, 1_500);
        await queues.redis.publish(approvalChannel(prefix), JSON.stringify({ id: template, state: 'pending' }));
        const rows = await follower.next(10_000, never);
        isOver = rows === undefined;
        seen += rows?.length ?? 0;
      }
      expect(isOver || (await follower.next(10_000, never)) === undefined).toBe(true);
      expect(seen).toBeGreaterThan(1_000);
    } finally {
      feed.close();
      watch.close();
    }
  });
});

/** As if so many had been asked in this moment. */
async function insertCopies(template: ApprovalId, round: number, count: number): Promise<void> {
  const rows: readonly { readonly Field: string }[] = await source.query('SHOW COLUMNS FROM approvals');
  const now = 'FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)';
  const values = rows.map(({ Field: name }) => {
    if (name === 'id') return `CONCAT('01z', LPAD(${round}, 3, '0'), LPAD(seq, 20, '0'))`;
    if (name === 'open_key') return 'NULL';
    return name === 'changed_at' ? now : `approvals.${name}`;
  });
  const select = `SELECT ${values.join(', ')} FROM approvals, seq_1_to_${count} WHERE approvals.id = ?`;
  await source.query(`INSERT INTO approvals ${select}`, [template]);
}
