import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { EVENT_DATA } from '../../src/contracts/channels/event.js';
import type { GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalSweepRepository } from '../../src/persistence/approvals/approval-sweep.repository.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { eventEntity, type EventRow } from '../../src/persistence/entities/channels/event.js';
import { moveGrant } from '../../src/persistence/grants/grant-move.js';
import { GrantSweepRepository } from '../../src/persistence/grants/grant-sweep.repository.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { AdminRecordRepository } from '../../src/persistence/record/admin-record.repository.js';
import { RecordingRepository } from '../../src/persistence/recordings/recording.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approve, insertActiveGrant, questionOf, withdraw } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';

let database: OwnDatabase;
let source: DataSource;
let desk: DatabaseApprovalDesk;
let approvals: ApprovalRepository;
let sweep: ApprovalSweepRepository;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  approvals = new ApprovalRepository(source);
  sweep = new ApprovalSweepRepository(source);
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 20, totalMax: 1_000 },
    announce: () => undefined,
    requestJobs: () => undefined,
  });
});
beforeEach(() => source.query('DELETE FROM events'));
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

/** What was written, in the form that payloads have it; the order within a millisecond does not count. */
async function events(): Promise<readonly EventRow[]> {
  const rows = await source.getRepository(eventEntity).find({ order: { atMs: 'ASC', id: 'ASC' } });
  for (const { type, data } of rows) EVENT_DATA[type].parse(data);
  return rows;
}
const types = async () => (await events()).map(({ type }) => type).toSorted();

async function ask(grant: GrantId) {
  return (await desk.ask(questionOf(grant))).id;
}

it('a question and each answer to it are events, and a repetition is none', async () => {
  const grant = await insertActiveGrant(source);
  const id = await ask(grant);
  await ask(grant);
  const order = approve(id);
  await approvals.decide(order);
  await approvals.withdraw(withdraw(id, order.decider));
  expect((await events()).map(({ type }) => type)).toEqual([
    'approval.asked',
    'approval.decided',
    'approval.withdrawn',
  ]);
  const [, decided, withdrawn] = await events();
  expect(decided?.data).toMatchObject({ state: 'approved', answer: { decision: 'approve' }, grant });
  expect(withdrawn?.data).toMatchObject({ state: 'withdrawn', answer: { decision: 'withdraw' } });
  expect(JSON.stringify(await events())).not.toContain('UPDATE orders');
  await expect(approvals.decide(approve(id))).rejects.toThrow();
  expect(await events()).toHaveLength(3);
});

it('a question that nobody answers in time is one event, however many look', async () => {
  const id = await ask(await insertActiveGrant(source));
  await source.getRepository(approvalEntity).update({ id }, { expiresAtMs: 1 });
  const outcomes = await Promise.all([sweep.timeOut(id), sweep.timeOut(id), sweep.timeOut(id)]);
  expect(outcomes.filter(Boolean)).toHaveLength(1);
  expect(await types()).toEqual(['approval.asked', 'approval.timed_out']);
});

it('a grant that closes is an event, and so is every question that ends with it; of two who close it one does', async () => {
  const grant = await insertActiveGrant(source);
  await ask(grant);
  const grants = new GrantRepository(source);
  const closed = await Promise.all([
    grants.close(grant, 'revoked', 'ana', Date.now()),
    grants.close(grant, 'completed', 'bot', Date.now()),
  ]);
  expect(closed.filter(Boolean)).toHaveLength(1);
  expect(await types()).toEqual(['approval.asked', 'approval.cancelled', 'grant.closed']);
  const grantSweep = new GrantSweepRepository(source);
  await grantSweep.markEnded(grant, Date.now());
  expect(await grantSweep.markSealed(grant, Date.now())).toBe(true);
  expect(await grantSweep.markSealed(grant, Date.now())).toBe(false);
  expect((await types()).filter((type) => type === 'grant.sealed')).toHaveLength(1);
});

it('a grant that nobody has taken is refused when it is closed', async () => {
  const grant = await insertActiveGrant(source, { state: 'requested', gatewayId: null });
  await new GrantRepository(source).close(grant, 'revoked', 'ana', Date.now());
  const [event] = await events();
  expect(event).toMatchObject({ type: 'grant.refused', data: { state: 'refused', refusal: 'grant_revoked' } });
});

it('what is taken back was no event', async () => {
  const grant = await insertActiveGrant(source);
  const failing = source.transaction(async (manager) => {
    expect(await moveGrant(manager, { id: grant, to: 'closing', set: { closeReason: 'failed' } })).toBe(true);
    throw new Error('the rest failed');
  });
  await expect(failing).rejects.toThrow('the rest failed');
  expect(await events()).toEqual([]);
});

it('a sealed recording is one event, and so is every check that fails', async () => {
  const grantId = await insertActiveGrant(source);
  const recordings = new RecordingRepository(source);
  const row = {
    grantId,
    principalName: 'bot',
    targetName: 'shop',
    entries: 3,
    statements: 1,
    bytes: 1_000,
    sha256: 'ab'.repeat(32),
    keyId: 'k',
    interrupted: false,
    openedAtMs: 1,
    sealedAtMs: 2,
    indexDueAtMs: 0,
  };
  await recordings.insert(row);
  await recordings.insert(row);
  await recordings.setVerified(grantId, { by: 'rea', ok: true });
  expect(await types()).toEqual(['recording.sealed']);
  await recordings.setVerified(grantId, { by: 'rea', ok: false });
  expect(await types()).toEqual(['recording.sealed', 'recording.verification_failed']);
  const failed = (await events()).find(({ type }) => type === 'recording.verification_failed');
  expect(failed?.data).toMatchObject({ grant: grantId, sha256: row.sha256, verifiedBy: 'rea' });
});

it('an entry of the administrative record is one, without what changed', async () => {
  await new AdminRecordRepository(source).append({
    act: 'policy.put',
    who: { principal: null, name: 'ana', person: null, sponsor: null, signIn: 'session:corp' },
    from: '192.0.2.7',
    request: 'r1',
    subject: { kind: 'policy', name: 'defaults' },
    before: { text: 'the old policy' },
    after: { text: 'the new policy' },
    why: 'safer',
    outcome: 'done',
    code: null,
    count: 1,
  });
  const [event] = await events();
  expect(event).toMatchObject({
    type: 'act.recorded',
    data: { act: 'policy.put', reason: 'safer', who: { name: 'ana' } },
  });
  expect(JSON.stringify(event)).not.toContain('the new policy');
  const [entry] = await source.query('SELECT seq, hash FROM record_entries');
  expect(event?.data).toMatchObject({ seq: Number(entry.seq), hash: entry.hash });
});
