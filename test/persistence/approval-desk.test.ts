import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApprovalState } from '../../src/domain/approval.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { newApprovalId, newId, newPrincipalId } from '../../src/domain/ids.js';
import type { ApprovalId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { approve, approver, deny, insertActiveGrant, questionOf, TERMS } from '../support/approval-state.js';
import { type OwnDatabase, makeDatabase } from '../support/databases.js';
import { engines, servers } from '../support/engines.js';
import { PREVIEW_BYTES_MAX } from '../../src/gateway/ports.js';

let database: OwnDatabase;
let source: DataSource;
let desk: DatabaseApprovalDesk;
let approvals: ApprovalRepository;
let grants: GrantRepository;
let grant: GrantId;
const announced: (readonly [ApprovalId, ApprovalState])[] = [];
const jobs: ApprovalId[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  approvals = new ApprovalRepository(source);
  grants = new GrantRepository(source);
  desk = makeDesk();
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});
beforeEachGrant();
afterEach(() => {
  announced.length = 0;
  jobs.length = 0;
});

function beforeEachGrant(): void {
  beforeAll(async () => {
    grant = await insertActiveGrant(source);
  });
  afterEach(async () => {
    grant = await insertActiveGrant(source);
  });
}

function makeDesk(limits = { pendingMax: 20, totalMax: 1_000 }, dataSource = source): DatabaseApprovalDesk {
  return new DatabaseApprovalDesk({
    dataSource,
    clock: systemClock,
    limits,
    announce: (id, state) => announced.push([id, state]),
    requestJobs: ({ id }) => jobs.push(id),
  });
}

async function stateOf(id: ApprovalId): Promise<ApprovalState | undefined> {
  return (await approvals.find(id))?.state;
}

/** Lets the time of an approval pass, as far as the database is concerned. */
async function letExpire(id: ApprovalId): Promise<void> {
  await source.getRepository(approvalEntity).update({ id }, { expiresAtMs: 1 });
}

describe('a question', () => {
  it('is stored with everything an approver needs, told of once, and given to the worker', async () => {
    const asked = await desk.ask(questionOf(grant, { values: [{ type: 'LONG', value: 5 }] }));
    expect(asked).toMatchObject({ state: 'pending', again: false, decisions: [], scope: null });
    expect(await approvals.find(asked.id)).toMatchObject({
      grantId: grant,
      principalName: 'bot',
      targetName: 'shop',
      taskTitle: 'Mend the orders',
      question: { kind: 'statement', text: 'UPDATE orders SET total = 0 WHERE id = 1', values: [{ value: 5 }] },
      summary: { why: 'It changes rows.', terms: TERMS },
      preview: null,
      decisions: [],
    });
    expect([announced, jobs]).toEqual([[[asked.id, 'pending']], [asked.id]]);
    expect(Math.abs(asked.expiresAtMs - Date.now() - 600_000)).toBeLessThan(60_000);
  });

  it('is the same for the same statement, however many ask at the same time', async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => desk.ask(questionOf(grant))));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    expect(asked.filter(({ again }) => !again)).toHaveLength(1);
    expect(await desk.ask(questionOf(grant))).toMatchObject({ id: asked[0]?.id, again: true, state: 'pending' });
  });

  it('is another for another statement, and for another grant', async () => {
    const other = await insertActiveGrant(source);
    const asked = await Promise.all([
      desk.ask(questionOf(grant)),
      desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 1 WHERE id = 1' })),
      desk.ask(questionOf(other)),
    ]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(3);
  });

  it('once approved answers the same statement for one use, then it is asked again', async () => {
    const { id } = await desk.ask(questionOf(grant));
    const decider = approver();
    await approvals.decide(approve(id, { kind: 'once', rowsMax: 3 }, decider));
    expect(await desk.ask(questionOf(grant))).toMatchObject({
      id,
      state: 'approved',
      again: true,
      scope: { kind: 'once', rowsMax: 3 },
      decisions: [{ principal: decider.name, decision: 'approve' }],
    });
    expect(await desk.use(id)).toBe(true);
    expect(await desk.use(id)).toBe(false);
    const next = await desk.ask(questionOf(grant));
    expect(next).toMatchObject({ state: 'pending', again: false });
    expect(next.id).not.toBe(id);
  });

  it('once denied answers the same statement for the rest of the grant', async () => {
    const { id } = await desk.ask(questionOf(grant));
    await approvals.decide(deny(id, 'not on a Friday'));
    expect(await desk.ask(questionOf(grant))).toMatchObject({
      id,
      state: 'denied',
      again: true,
      decisions: [{ reason: 'not on a Friday' }],
    });
    expect(await desk.use(id)).toBe(false);
  });

  it('that timed out is asked again, even when nobody has noted yet that its time is up', async () => {
    const { id } = await desk.ask(questionOf(grant));
    await letExpire(id);
    const next = await desk.ask(questionOf(grant));
    expect(next).toMatchObject({ state: 'pending', again: false });
    expect([next.id === id, await stateOf(id)]).toEqual([false, 'timed-out']);
  });

  it('has a limit of those that wait, and of those in all', async () => {
    const few = makeDesk({ pendingMax: 2, totalMax: 3 });
    const ask = (total: number) => few.ask(questionOf(grant, { text: `UPDATE orders SET total = ${total}` }));
    const { id } = await ask(1);
    await ask(2);
    await expect(ask(3)).rejects.toMatchObject({ code: 'approvals_over_limit' });
    expect(await ask(2)).toMatchObject({ again: true });
    await approvals.decide(deny(id));
    const third = await ask(3);
    await approvals.decide(deny(third.id));
    await expect(ask(4)).rejects.toMatchObject({ code: 'approvals_over_limit', detail: expect.stringContaining('3') });
  });

  it('is not asked under a grant that has ended, nor when it is too long to be read', async () => {
    await expect(desk.ask(questionOf(grant, { text: 'x'.repeat(1024 * 1024 + 1) }))).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await grants.close(grant, 'revoked', 'operator', Date.now());
    await expect(desk.ask(questionOf(grant))).rejects.toMatchObject({ code: 'grant_not_active' });
  });
});

describe('an approval of a shape', () => {
  const text = (id: number): string => `UPDATE orders SET total = 0 WHERE id = ${id}`;

  it('answers other statements of the shape, as often as it says, in its own grant only', async () => {
    const { id } = await desk.ask(questionOf(grant, { text: text(1) }));
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 2, rowsMax: 5 }));
    for (const number of [1, 2]) {
      expect(await desk.ask(questionOf(grant, { text: text(number) }))).toMatchObject({
        id,
        state: 'approved',
        scope: { kind: 'shape', runsMax: 2, rowsMax: 5 },
      });
      expect(await desk.use(id)).toBe(true);
    }
    expect(await desk.use(id)).toBe(false);
    expect(await desk.ask(questionOf(grant, { text: text(3) }))).toMatchObject({ state: 'pending', again: false });
    const other = await insertActiveGrant(source);
    expect(await desk.ask(questionOf(other, { text: text(1) }))).toMatchObject({ state: 'pending', again: false });
  });

  it('answers one of the shape that waits already, but not one that was denied', async () => {
    const waiting = await desk.ask(questionOf(grant, { text: text(1) }));
    const denied = await desk.ask(questionOf(grant, { text: text(2) }));
    const approved = await desk.ask(questionOf(grant, { text: text(3) }));
    await approvals.decide(deny(denied.id));
    await approvals.decide(approve(approved.id, { kind: 'shape', runsMax: 9, rowsMax: null }));
    expect(await desk.ask(questionOf(grant, { text: text(1) }))).toMatchObject({ id: approved.id, state: 'approved' });
    expect(await desk.ask(questionOf(grant, { text: text(2) }))).toMatchObject({ id: denied.id, state: 'denied' });
    expect(await stateOf(waiting.id)).toBe('pending');
  });

  it('is not to be had where statements of the shape cannot be told', async () => {
    const { id } = await desk.ask(questionOf(grant, { shapeKey: null }));
    await expect(approvals.decide(approve(id, { kind: 'shape', runsMax: 2, rowsMax: null }))).rejects.toMatchObject({
      code: 'approval_scope_invalid',
    });
    expect(await approvals.find(id)).toMatchObject({ state: 'pending', decisions: [] });
  });
});

describe('a decision', () => {
  it('waits for the quorum and for each group, and reaches no further than each of them', async () => {
    const terms = { ...TERMS, approvers: ['dba', 'security'], quorum: 2 };
    const { id } = await desk.ask(questionOf(grant, { terms }));
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 9, rowsMax: 9 }, approver(['dba'])));
    expect(await stateOf(id)).toBe('pending');
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 9, rowsMax: 1 }, approver(['dba'])));
    expect(await stateOf(id)).toBe('pending');
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 2, rowsMax: null }, approver(['security'])));
    expect(await approvals.find(id)).toMatchObject({
      state: 'approved',
      scope: { kind: 'shape', runsMax: 2, rowsMax: 1 },
      usesMax: 2,
    });
  });

  it('of somebody who was disabled meanwhile no longer counts, and is not given a second time', async () => {
    const terms = { ...TERMS, approvers: ['dba'], quorum: 2 };
    const { id } = await desk.ask(questionOf(grant, { terms }));
    const [bob, eve] = [approver(['dba']), approver(['dba'])];
    const ann = { ...bob, id: newPrincipalId(), name: `ann-${newId()}` };
    const principals = new PrincipalRepository(source);
    await principals.insert({ ...ann, createdAtMs: 1, disabledAtMs: null });
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 9, rowsMax: null }, ann));
    await principals.setDisabled(ann.name, 1);
    await approvals.decide(approve(id, null, bob));
    expect(await stateOf(id)).toBe('pending');
    await expect(approvals.decide(approve(id, null, ann))).rejects.toMatchObject({ code: 'approval_answered_by_you' });
    await approvals.decide(approve(id, null, eve));
    expect(await approvals.find(id)).toMatchObject({ state: 'approved', scope: { kind: 'once', rowsMax: null } });
  });

  it('is taken once of each person', async () => {
    const { id } = await desk.ask(questionOf(grant, { terms: { ...TERMS, quorum: 2 } }));
    const ann = approver();
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => approvals.decide(approve(id, null, ann))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(approvals.decide(deny(id, null, ann))).rejects.toMatchObject({ code: 'approval_answered_by_you' });
    expect(await stateOf(id)).toBe('pending');
  });

  it('of its requester, of an agent, or of someone of another group is not taken', async () => {
    const { id } = await desk.ask(questionOf(grant, { terms: { ...TERMS, approvers: ['dba'] } }));
    const requester = (await approvals.find(id))?.principalId ?? '';
    const dba = approver(['dba']);
    const decide = (decider: typeof dba) => approvals.decide(approve(id, null, decider));
    await expect(decide({ ...dba, id: requester })).rejects.toMatchObject({ code: 'approval_of_own_request' });
    await expect(decide({ ...dba, kind: 'agent' })).rejects.toMatchObject({ code: 'approval_not_an_approver' });
    await expect(decide({ ...dba, groups: ['x'] })).rejects.toMatchObject({
      code: 'approval_not_an_approver',
      detail: expect.stringContaining('dba'),
    });
    expect((await approvals.find(id))?.decisions).toEqual([]);
  });

  it('that comes too late, or for nothing, is told so', async () => {
    const { id } = await desk.ask(questionOf(grant));
    await letExpire(id);
    await expect(approvals.decide(approve(id))).rejects.toMatchObject({ code: 'approval_timed_out' });
    const decided = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 2' }));
    await approvals.decide(approve(decided.id));
    await expect(approvals.decide(deny(decided.id))).rejects.toMatchObject({ code: 'approval_already_decided' });
    const cancelled = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 3' }));
    await grants.close(grant, 'completed', 'bot', Date.now());
    await expect(approvals.decide(approve(cancelled.id))).rejects.toMatchObject({ code: 'approval_cancelled' });
    await expect(approvals.decide(approve(newApprovalId()))).rejects.toMatchObject({ code: 'approval_not_found' });
  });
});

describe('the end of a grant', () => {
  it('cancels what waits and what was approved and not used, and leaves what is over', async () => {
    const ask = async (total: number): Promise<ApprovalId> =>
      (await desk.ask(questionOf(grant, { text: `UPDATE orders SET total = ${total}` }))).id;
    const [pending, approved, used, denied] = [await ask(1), await ask(2), await ask(3), await ask(4)];
    await approvals.decide(approve(approved));
    await approvals.decide(approve(used));
    expect(await desk.use(used)).toBe(true);
    await approvals.decide(deny(denied));
    await grants.close(grant, 'revoked', 'operator', Date.now());
    const states = await Promise.all([pending, approved, used, denied].map(stateOf));
    expect(states).toEqual(['cancelled', 'cancelled', 'approved', 'denied']);
    expect(await desk.use(approved)).toBe(false);
  });
});

describe('waiting for an approval', () => {
  it('ends with the decision, which the desk finds by itself when no message comes', async () => {
    const { id } = await desk.ask(questionOf(grant));
    const waiting = desk.settled(id, never);
    await approvals.decide(deny(id, 'no'));
    expect(await waiting).toMatchObject({ id, state: 'denied', decisions: [{ reason: 'no' }] });
  });

  it('ends at once for one that is settled already', async () => {
    const { id } = await desk.ask(questionOf(grant));
    await approvals.decide(approve(id));
    expect(await desk.settled(id, never)).toMatchObject({ state: 'approved', scope: { kind: 'once', rowsMax: null } });
  });

  it('ends as timed out when its time is up, without a worker', async () => {
    const { id } = await desk.ask(questionOf(grant, { expiresAtMs: Date.now() + 300 }));
    expect(await desk.settled(id, never)).toMatchObject({ state: 'timed-out' });
    expect(announced).toContainEqual([id, 'timed-out']);
  });

  it('ends with the reason of the one who no longer waits, and the question stays', async () => {
    const { id } = await desk.ask(questionOf(grant));
    const gone = new AbortController();
    const waiting = desk.settled(id, gone.signal);
    gone.abort(new Error('the client left'));
    await expect(waiting).rejects.toThrow('the client left');
    await expect(desk.settled(id, gone.signal)).rejects.toThrow('the client left');
    expect(await stateOf(id)).toBe('pending');
  });

  it('is woken by a message, without the desk asking by itself', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }); // now it never asks by itself
    try {
      for (let round = 0; round < 20; round += 1) {
        const { id } = await desk.ask(questionOf(grant, { text: `UPDATE orders SET total = ${round}` }));
        const waiting = desk.settled(id, never);
        await new Promise((resolve) => setImmediate(resolve));
        await approvals.decide(approve(id));
        desk.wake(id);
        expect(await waiting).toMatchObject({ state: 'approved' });
      }
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a preview', () => {
  const preview: StatementPreview = {
    takenAtMs: 1,
    tables: [],
    affected: { kind: 'exact', rows: 2 },
    sample: { columns: ['id'], rows: [['1'], ['2']] },
    triggers: [],
    cascades: [],
    locks: null,
  };

  it('is added once, and told of', async () => {
    const { id } = await desk.ask(questionOf(grant));
    await desk.show(id, preview);
    await desk.show(id, { ...preview, affected: { kind: 'exact', rows: 0 } });
    expect(await approvals.find(id)).toMatchObject({ preview, summary: { affected: preview.affected } });
    expect(announced.filter(([of]) => of === id)).toHaveLength(2);
  });

  it.each(engines())('gives its row count to lists where the state database is $flavour', async (engine) => {
    const own = await makeDatabase(engine);
    const state = await createStateSource(own.url).initialize();
    try {
      await state.runMigrations();
      const { id } = await makeDesk(undefined, state).ask(questionOf(await insertActiveGrant(state)));
      const before = await new ApprovalRepository(state).find(id);
      const affected = { kind: 'unknown', why: 'It\'s "a\nview" \\ $.x' } as const;
      await makeDesk(undefined, state).show(id, { ...preview, affected });
      const after = await new ApprovalRepository(state).find(id);
      expect(after?.summary).toEqual({ ...before?.summary, affected });
    } finally {
      await state.destroy();
      await own.drop();
    }
  });

  it('is not stored when it is more than people could read', async () => {
    const { id } = await desk.ask(questionOf(grant));
    const text = 'x'.repeat(PREVIEW_BYTES_MAX);
    const shown = desk.show(id, { ...preview, affected: { kind: 'unknown', why: text } });
    await expect(shown).rejects.toMatchObject({ code: 'payload_too_large' });
    expect((await approvals.find(id))?.preview).toBeNull();
  });
});
