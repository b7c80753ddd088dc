import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approve, approver, deny, insertActiveGrant, questionOf, TERMS, withdraw } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';

let database: OwnDatabase;
let source: DataSource;
let approvals: ApprovalRepository;
let desk: DatabaseApprovalDesk;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  approvals = new ApprovalRepository(source);
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 20, totalMax: 1_000 },
    announce: () => undefined,
    requestJobs: () => undefined,
  });
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

async function look(id: ApprovalId) {
  const found = await approvals.find(id);
  if (found === undefined) throw new Error('There is no such approval');
  return found;
}

describe('an approval that is taken back', () => {
  it('lets nothing run, and the same statement finds it, with the reason, for the rest of the grant', async () => {
    const grant = await insertActiveGrant(source);
    const { id } = await desk.ask(questionOf(grant));
    const ann = approver();
    await approvals.decide(approve(id, { kind: 'once', rowsMax: 2 }, ann));
    expect(await approvals.withdraw(withdraw(id, ann, 'Not this table'))).toBe('withdrawn');
    expect(await desk.use(id)).toBe(false);
    expect(await desk.ask(questionOf(grant))).toMatchObject({
      id,
      again: true,
      state: 'withdrawn',
      decisions: [],
      withdrawals: [{ principal: ann.name, reason: 'Not this table', withdrawnWith: 'api-key:abcdefgh' }],
    });
    expect(await look(id)).toMatchObject({ withdrawals: [{ scope: { kind: 'once', rowsMax: 2 }, number: 1 }] });
    await expect(approvals.decide(approve(id))).rejects.toMatchObject({ code: 'approval_withdrawn' });
    await expect(approvals.withdraw(withdraw(id, ann))).rejects.toMatchObject({ code: 'approval_withdrawn' });
  });

  it('of a shape that has run keeps what has run: no further statement runs by it, and another one asks again', async () => {
    const grant = await insertActiveGrant(source);
    const { id } = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 0 WHERE id = 1' }));
    const ann = approver();
    await approvals.decide(approve(id, { kind: 'shape', runsMax: 3, rowsMax: 1 }, ann));
    expect(await desk.use(id)).toBe(true);
    await approvals.withdraw(withdraw(id, ann));
    expect(await look(id)).toMatchObject({ state: 'withdrawn', uses: 1 });
    expect(await desk.use(id)).toBe(false);
    const second = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 0 WHERE id = 2' }));
    expect([second.state, second.again]).toEqual(['pending', false]);
    const first = await desk.ask(questionOf(grant, { text: 'UPDATE orders SET total = 0 WHERE id = 1' }));
    expect([first.id, first.state]).toEqual([id, 'withdrawn']);
  });

  it('before others have approved counts no more: it goes on waiting, and its giver may answer again', async () => {
    const { id } = await desk.ask(questionOf(await insertActiveGrant(source), { terms: { ...TERMS, quorum: 2 } }));
    const [ann, bob] = [approver(), approver()];
    await approvals.decide(approve(id, null, ann));
    const { revision } = await look(id);
    expect(await approvals.withdraw({ ...withdraw(id, ann), revision })).toBe('pending');
    expect(await look(id)).toMatchObject({ state: 'pending', revision: revision + 1, decisions: [] });
    await approvals.decide(approve(id, null, bob));
    expect((await look(id)).state).toBe('pending');
    await approvals.decide(approve(id, { kind: 'once', rowsMax: 1 }, ann));
    expect(await look(id)).toMatchObject({ state: 'approved', scope: { kind: 'once', rowsMax: 1 } });
    expect((await look(id)).withdrawals).toHaveLength(1);
  });

  it('of a quorum ends it when any of them takes theirs back', async () => {
    const { id } = await desk.ask(questionOf(await insertActiveGrant(source), { terms: { ...TERMS, quorum: 2 } }));
    const [ann, bob] = [approver(), approver()];
    await approvals.decide(approve(id, null, ann));
    await approvals.decide(approve(id, null, bob));
    expect(await approvals.withdraw(withdraw(id, ann))).toBe('withdrawn');
    expect((await look(id)).decisions.map(({ principalName }) => principalName)).toEqual([bob.name]);
  });

  it('too often ends the question, although others might still approve', async () => {
    const { id } = await desk.ask(questionOf(await insertActiveGrant(source), { terms: { ...TERMS, quorum: 2 } }));
    const ann = approver();
    const states: string[] = [];
    while (states.length < 25 && states.at(-1) !== 'withdrawn') {
      await approvals.decide(approve(id, null, ann));
      states.push(await approvals.withdraw(withdraw(id, ann)));
    }
    expect([states.length, new Set(states.slice(0, -1))]).toEqual([20, new Set(['pending'])]);
  });
});

describe('to take an approval back', () => {
  it('is for the one who gave it, by any of their principals, and nobody else', async () => {
    const { id } = await desk.ask(questionOf(await insertActiveGrant(source)));
    const [ann, other, stranger] = [approver(), approver(), approver()];
    for (const { id: principal, name } of [ann, other]) {
      await source.getRepository(principalEntity).insert({
        id: principal,
        name,
        kind: 'user',
        roles: ['approver'],
        groups: [],
        personId: [ann.id, other.id].sort()[0] ?? null,
        createdAtMs: Date.now(),
      });
    }
    await approvals.decide(approve(id, null, ann));
    await expect(approvals.withdraw(withdraw(id, stranger))).rejects.toMatchObject({
      code: 'approval_not_given_by_you',
    });
    expect(await approvals.withdraw(withdraw(id, other))).toBe('withdrawn');
  });

  it('is refused when it is used up, denied, timed out, over with its grant, or has changed', async () => {
    const ask = async () => (await desk.ask(questionOf(await insertActiveGrant(source)))).id;
    const ann = approver();
    const used = await ask();
    await approvals.decide(approve(used, null, ann));
    const { revision } = await look(used);
    await expect(approvals.withdraw({ ...withdraw(used, ann), revision: revision - 1 })).rejects.toMatchObject({
      code: 'approval_changed',
      fields: { revision },
    });
    await desk.use(used);
    await expect(approvals.withdraw(withdraw(used, ann))).rejects.toMatchObject({ code: 'approval_already_used' });
    expect((await look(used)).decisions).toHaveLength(1);
    const denied = await ask();
    await approvals.decide(deny(denied, null, ann));
    await expect(approvals.withdraw(withdraw(denied, ann))).rejects.toMatchObject({
      code: 'approval_not_given_by_you',
    });
    const terms = { ...TERMS, quorum: 2 };
    const late = await desk.ask(questionOf(await insertActiveGrant(source), { terms }));
    await approvals.decide(approve(late.id, null, ann));
    await source.query('UPDATE approvals SET expires_at = 1 WHERE id = ?', [late.id]);
    await expect(approvals.withdraw(withdraw(late.id, ann))).rejects.toMatchObject({ code: 'approval_timed_out' });
  });
});
