import { describe, expect, it } from 'vitest';
import type { ApprovalSummaryView, ApprovalView } from '../../src/contracts/approvals/approval.js';
import type { Page } from '../../src/contracts/page.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';
import { approvalIdOf, newApprovalId } from '../../src/domain/ids.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { TERMS } from '../support/approval-state.js';
import { type Answer, call } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { statementAsked } from '../support/statement-asked.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);

async function list(query: string, key = broker().keys.approver): Promise<readonly ApprovalSummaryView[]> {
  const { body } = await call<Page<ApprovalSummaryView>>(broker(), 'GET', `/v1/approvals${query}`, { key });
  return body.items;
}

/** Fails unless the answer is the problem of this code. */
function expectProblem({ status, body }: Answer<unknown>, code: string): void {
  expect({ status, body }).toMatchObject({ body: { code } });
  expect(status).toBeGreaterThanOrEqual(400);
}

it('a decision that is sent again with its Idempotency-Key is the same decision, and no error', async () => {
  const id = await questions().ask({ text: 'UPDATE orders SET total = 1 WHERE id = 77' });
  const decide = async (body: object) => {
    const response = await fetch(`${broker().api}/v1/approvals/${id}/decisions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${broker().keys.approver}`,
        'content-type': 'application/json',
        'idempotency-key': 'decision-1',
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as object };
  };
  const approved = { status: 200, body: { id, state: 'approved', decisions: [{ decision: 'approve' }] } };
  expect(await decide({ decision: 'approve' })).toMatchObject(approved);
  expect(await decide({ decision: 'approve' })).toMatchObject(approved);
  expect(await decide({ decision: 'deny' })).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
});

describe('an approval', () => {
  it('shows an approver all that is needed to decide, hidden characters written out', async () => {
    const id = await questions().ask({
      text: "UPDATE orders SET note = '\u202eevil' WHERE id\u00a0= ? -- \u001b[2J",
      values: [
        { type: 'LONG', value: 5 },
        { type: 'VAR_STRING', value: 'NULL\u200b' },
        { type: 'NULL', value: null },
        { type: 'BLOB', value: '/wA=', encoding: 'base64' },
      ],
      terms: { ...TERMS, warning: 'Look twice.' },
      inTransaction: true,
    });
    const { status, body } = await questions().look(id);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        id,
        kind: 'statement',
        state: 'pending',
        principal: { id: questions().agentId, name: 'bot', kind: 'agent' },
        target: 'shop',
        task: { title: 'Mend the orders' },
        database: 'shop',
        inTransaction: true,
        why: 'It changes rows.',
        warning: 'Look twice.',
        policies: ['default#hold-writes'],
        statement: {
          text: "UPDATE orders SET note = '\u202eevil' WHERE id\u00a0= ? -- \u001b[2J",
          shown: "UPDATE orders SET note = '⟨U+202E⟩evil' WHERE id⟨U+00A0⟩= ? -- ⟨U+001B⟩[2J",
          facts: { kind: 'update', tables: [{ database: 'shop', table: 'orders', action: 'update' }] },
        },
        request: null,
        preview: { state: 'pending' },
        decisions: [],
        canDecide: { allowed: true, code: null },
      },
    });
    expect(statementAsked(body).values?.map(({ shown }) => shown)).toEqual([
      '5',
      "'NULL⟨U+200B⟩'",
      'NULL',
      'base64 /wA=',
    ]);
  });

  it('shows its preview once that is there, to those who decide or read recordings, and nobody else', async () => {
    const preview: StatementPreview = {
      takenAtMs: Date.now(),
      tables: [{ database: 'shop', table: 'orders', rows: 3, estimated: false, isWritten: true }],
      affected: { kind: 'exact', rows: 2 },
      sample: {
        columns: ['id', 'note'],
        rows: [
          ['1', 'a\u202eb'],
          ['2', null],
        ],
      },
      triggers: [],
      cascades: ['shop.orders → shop.notes ON DELETE CASCADE'],
      locks: { held: [], waiting: 1, waiters: [] },
    };
    const id = await questions().ask();
    await questions().desk.show(id, preview);
    const { approver, reviewer, operator, agent } = broker().keys;
    for (const key of [approver, reviewer]) {
      expect((await questions().look(id, key)).body.preview).toMatchObject({
        state: 'ready',
        affected: { kind: 'exact', rows: 2 },
        sample: {
          rows: [
            ['1', 'a⟨U+202E⟩b'],
            ['2', null],
          ],
        },
      });
    }
    for (const key of [operator, agent])
      expect((await questions().look(id, key)).body.preview).toEqual({ state: 'hidden' });
  });

  it('says for each caller whether they can decide, and why not', async () => {
    const { reviewer, operator, agent } = broker().keys;
    const id = await questions().ask({ terms: { ...TERMS, approvers: ['dba'] } });
    for (const key of [reviewer, operator, broker().keys.approver]) {
      expect((await questions().look(id, key)).body.canDecide).toMatchObject({
        allowed: false,
        code: 'approval_not_an_approver',
      });
    }
    expect((await questions().look(id, agent)).body.canDecide).toMatchObject({
      allowed: false,
      code: 'approval_of_own_request',
    });
    expect((await questions().look(id, await questions().newApprover(['dba']))).body.canDecide).toEqual({
      allowed: true,
      code: null,
      why: null,
    });
  });

  it('says by which key a decision was made, and tells who decides of keys that others made for them', async () => {
    const key = await questions().newApprover();
    const id = await questions().ask();
    expect((await questions().look(id, key)).body.newKeys).toEqual([]);
    const [, keyId] = key.split('_');
    const rows: readonly { readonly principal_id: string }[] = await questions().source.query(
      'SELECT principal_id FROM api_keys WHERE id = ?',
      [keyId],
    );
    await questions().source.query(
      "INSERT INTO api_keys (id, principal_id, hash, created_at, made_by_name) VALUES ('aaaabbbb', ?, ?, ?, 'mallory')",
      [rows[0]?.principal_id, Buffer.alloc(32), Date.now()],
    );
    expect((await questions().look(id, key)).body.newKeys).toMatchObject([{ id: 'aaaabbbb', madeBy: 'mallory' }]);
    // It is the business of its owner alone.
    expect((await questions().look(id)).body.newKeys).toEqual([]);
    const { body } = await questions().decide(id, { decision: 'approve' }, key);
    expect(body.decisions).toMatchObject([{ decision: 'approve', decidedWith: `api-key:${keyId}` }]);
  });

  it('of another agent is not there for an agent', async () => {
    const id = await questions().ask({}, { principalId: newApprovalId() });
    const { agent } = broker().keys;
    expectProblem(await questions().look(id, agent), 'approval_not_found');
    expect((await list('', agent)).map((approval) => approval.id)).not.toContain(id);
    expectProblem(await questions().look(newApprovalId()), 'approval_not_found');
  });

  it('is listed by state, target, kind and grant, page by page, with the beginning of its statement', async () => {
    const target = `t-${newApprovalId()}`;
    const grant = await questions().activeGrant({ targetName: target });
    const ids: string[] = [];
    for (const total of [1, 2, 3]) {
      ids.push(await questions().ask({ grant, text: `UPDATE orders SET total = ${total} /* ${'x'.repeat(600)} */` }));
    }
    await questions().decide(String(ids[0]), { decision: 'deny' });
    const found = async (query: string) => (await list(`?target=${target}${query}`)).map(({ id }) => id);
    expect(await found('')).toEqual([...ids].sort().toReversed());
    expect(new Set(await found('&state=pending'))).toEqual(new Set(ids.slice(1)));
    expect(await found('&state=denied')).toEqual([ids[0]]);
    expect(await found(`&grant=${grant}&kind=statement`)).toHaveLength(3);
    expect(await found('&kind=grant')).toEqual([]);
    const first = await call<Page<ApprovalSummaryView>>(broker(), 'GET', `/v1/approvals?target=${target}&limit=2`, {
      key: broker().keys.approver,
    });
    expect(first.body.items).toHaveLength(2);
    expect(await found(`&cursor=${String(first.body.next)}`)).toHaveLength(1);
    expect(first.body.items[0]?.excerpt).toMatchObject({ kind: 'update', action: 'update' });
    expect(first.body.items[0]?.excerpt?.shown.length).toBe(400);
  });

  it.each(['?state=open', '?grant=x', '?limit=0', '?colour=red'])('is not listed by %s', async (query) => {
    expectProblem(
      await call(broker(), 'GET', `/v1/approvals${query}`, { key: broker().keys.approver }),
      'request_invalid',
    );
  });

  it('lets its caller wait until something happens to it', async () => {
    const id = await questions().ask();
    const waiting = questions().look(id, broker().keys.agent, 20);
    await questions().decide(id, { decision: 'approve', reason: 'fine' });
    expect((await waiting).body).toMatchObject({ state: 'approved', decisions: [{ reason: 'fine' }] });
    expect((await questions().look(id, broker().keys.agent, 20)).body.state).toBe('approved');
  });
});

describe('a decision', () => {
  it('is announced to anyone who holds the statement, with its scope', async () => {
    const id = await questions().ask();
    const held = questions().desk.settled(id, AbortSignal.timeout(45_000));
    const { status, body } = await questions().decide(id, {
      decision: 'approve',
      reason: 'two rows are fine',
      scope: { kind: 'once', rowsMax: 2 },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        state: 'approved',
        scope: { kind: 'once', rowsMax: 2 },
        usesMax: 1,
        decisions: [{ principal: 'test-approver', decision: 'approve', reason: 'two rows are fine' }],
        canDecide: { allowed: false, code: 'approval_already_decided' },
      },
    });
    expect(await held).toMatchObject({ state: 'approved', scope: { kind: 'once', rowsMax: 2 } });
  });

  it('needs the people and the groups that the policy names', async () => {
    const [dba, security] = [await questions().newApprover(['dba']), await questions().newApprover(['security'])];
    const id = await questions().ask({ terms: { ...TERMS, approvers: ['dba', 'security'], quorum: 2 } });
    expectProblem(await questions().decide(id, { decision: 'approve' }), 'approval_not_an_approver');
    expect((await questions().decide(id, { decision: 'approve' }, dba)).body).toMatchObject({ state: 'pending' });
    expectProblem(await questions().decide(id, { decision: 'deny' }, dba), 'approval_answered_by_you');
    expect((await questions().decide(id, { decision: 'approve' }, security)).body).toMatchObject({ state: 'approved' });
  });

  it('is no change that a wait misses whose caller says which revision it saw', async () => {
    const id = await questions().ask({ terms: { ...TERMS, quorum: 2 } });
    const { revision } = (await questions().look(id)).body;
    await questions().decide(id, { decision: 'approve' });
    const { body } = await call<ApprovalView>(broker(), 'GET', `/v1/approvals/${id}?wait=60&revision=${revision}`, {
      key: broker().keys.approver,
      signal: AbortSignal.timeout(30_000),
    });
    expect(body).toMatchObject({ state: 'pending', decisions: [{ decision: 'approve' }] });
  });

  it('follows the groups that a principal is in now', async () => {
    const name = `approver-${newApprovalId()}`;
    const key = await questions().newApprover([], name);
    const id = await questions().ask({ terms: { ...TERMS, approvers: ['dba'] } });
    expectProblem(await questions().decide(id, { decision: 'approve' }, key), 'approval_not_an_approver');
    const { operator } = broker().keys;
    const changed = await call(broker(), 'PATCH', `/v1/principals/${name}`, {
      key: operator,
      body: { groups: ['dba'] },
    });
    expect(changed.body).toMatchObject({ groups: ['dba'], disabledAt: null });
    expect((await questions().decide(id, { decision: 'approve' }, key)).body).toMatchObject({ state: 'approved' });
  });

  it('takes a key that was revoked, and a person who was disabled, elsewhere just now for what they are', async () => {
    const [revoked, disabled] = [`approver-${newApprovalId()}`, `approver-${newApprovalId()}`];
    const keys = [await questions().newApprover([], revoked), await questions().newApprover([], disabled)];
    const id = await questions().ask();
    for (const key of keys) expect((await questions().look(id, key)).status).toBe(200); // known from a moment ago
    // As another api process writes it, of which this one learns nothing.
    await questions().source.query('UPDATE api_keys SET revoked_at = 1 WHERE id = ?', [keys[0]?.split('_')[1]]);
    await questions().source.getRepository(principalEntity).update({ name: disabled }, { disabledAtMs: 1 });
    for (const key of keys)
      expectProblem(await questions().decide(id, { decision: 'approve' }, key), 'unauthenticated');
    expect((await questions().look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });

  it('of one person counts once, however often it is sent at the same time', async () => {
    const id = await questions().ask({ terms: { ...TERMS, quorum: 2 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => questions().decide(id, { decision: 'approve' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectProblem(answer, 'approval_answered_by_you');
    }
    expect((await questions().look(id)).body).toMatchObject({
      state: 'pending',
      decisions: [{ principal: 'test-approver' }],
    });
  });

  it('is never of the requester, an agent, a reviewer or an operator', async () => {
    const id = await questions().ask();
    const { agent, reviewer, operator } = broker().keys;
    for (const key of [agent, reviewer, operator]) {
      expectProblem(await questions().decide(id, { decision: 'approve' }, key), 'forbidden');
    }
    const own = await questions().ask({}, { principalId: questions().approverId });
    expectProblem(await questions().decide(own, { decision: 'approve' }), 'approval_of_own_request');
    expect((await questions().look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });

  it('that comes after the end is told how it ended', async () => {
    const denied = await questions().ask();
    await questions().decide(denied, { decision: 'deny', reason: 'no' });
    expectProblem(
      await questions().decide(denied, { decision: 'approve' }, await questions().newApprover()),
      'approval_already_decided',
    );
    const overdue = await questions().ask({ expiresAtMs: Date.now() });
    expectProblem(await questions().decide(overdue, { decision: 'approve' }), 'approval_timed_out');
    const grant = await questions().activeGrant();
    const cancelled = await questions().ask({ grant });
    await questions().revoke(grant);
    expectProblem(await questions().decide(cancelled, { decision: 'approve' }), 'approval_cancelled');
    expectProblem(await questions().decide(newApprovalId(), { decision: 'approve' }), 'approval_not_found');
  });

  it.each([
    ['a scope with a denial', { decision: 'deny', scope: { kind: 'once' } }, {}, 'approval_scope_invalid'],
    [
      'a shape where none can be told',
      { decision: 'approve', scope: { kind: 'shape', runsMax: 3 } },
      { shapeKey: null },
      'approval_scope_invalid',
    ],
    ['a shape without a bound', { decision: 'approve', scope: { kind: 'shape' } }, {}, 'request_invalid'],
    ['endless runs', { decision: 'approve', scope: { kind: 'shape', runsMax: 1_001 } }, {}, 'request_invalid'],
    ['less than no rows', { decision: 'approve', scope: { kind: 'once', rowsMax: -1 } }, {}, 'request_invalid'],
    ['a reason of two lines', { decision: 'deny', reason: 'a\nb' }, {}, 'request_invalid'],
    ['a reason that turns the writing', { decision: 'deny', reason: 'a\u202eb' }, {}, 'request_invalid'],
    ['a reason that is a book', { decision: 'deny', reason: 'x'.repeat(1_001) }, {}, 'request_invalid'],
    ['a principal to decide for', { decision: 'approve', principal: 'ann' }, {}, 'request_invalid'],
    ['groups to decide for', { decision: 'approve', groups: ['dba'] }, {}, 'request_invalid'],
    ['a scope with more in it', { decision: 'approve', scope: { kind: 'once', uses: 9 } }, {}, 'request_invalid'],
    ['neither yes nor no', { decision: 'maybe' }, {}, 'request_invalid'],
    ['an unknown field', { decision: 'approve', force: true }, {}, 'request_invalid'],
  ])('with %s is refused and changes nothing', async (_, body, question, code) => {
    const id = await questions().ask(question);
    expectProblem(await questions().decide(id, body), code);
    expect((await questions().look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });
});

describe('the worker', () => {
  it('finds questions nobody gave it a job for: tells, reminds, and times them out', async () => {
    const told = await questions().ask();
    await expect.poll(async () => (await questions().row(told)).notifiedAtMs, { timeout: 45_000 }).not.toBeNull();
    expect(await questions().row(told)).toMatchObject({ state: 'pending', remindedAtMs: null });
    const noticeAtMs = Date.now() - 5_000;
    await questions().source.getRepository(approvalEntity).update({ id: told }, { noticeAtMs, remindAtMs: noticeAtMs });
    await expect.poll(async () => (await questions().row(told)).remindedAtMs, { timeout: 45_000 }).not.toBeNull();
    await questions()
      .source.getRepository(approvalEntity)
      .update({ id: told }, { expiresAtMs: Date.now() - 5_000 });
    await expect.poll(async () => (await questions().row(told)).state, { timeout: 45_000 }).toBe('timed-out');
    await expect.poll(async () => (await questions().row(told)).noticeAtMs, { timeout: 45_000 }).toBeNull();
    expect(broker().logs('worker')).not.toContain('UPDATE orders');
  });

  it('cancels what is left open of a grant that is over', async () => {
    const id = await questions().ask();
    await questions().source.query("UPDATE grants SET state = 'sealed' WHERE id = ?", [
      (await questions().row(id)).grantId,
    ]);
    await expect.poll(async () => (await questions().row(id)).state, { timeout: 45_000 }).toBe('cancelled');
  });

  it('killed loses nothing: what was asked and decided meanwhile is told when it is back', async () => {
    await broker().kill('worker');
    const [asked, decided] = [await questions().ask(), await questions().ask()];
    expect((await questions().decide(decided, { decision: 'deny' })).status).toBe(200);
    await broker().restart('worker');
    await expect.poll(async () => (await questions().row(asked)).notifiedAtMs, { timeout: 45_000 }).not.toBeNull();
    await expect.poll(async () => (await questions().row(decided)).noticeAtMs, { timeout: 45_000 }).toBeNull();
    expect(await questions().row(decided)).toMatchObject({ state: 'denied' });
  });

  it('and the api restarted lose no question and no decision', async () => {
    const [open, approved] = [await questions().ask(), await questions().ask()];
    await questions().decide(approved, { decision: 'approve' });
    await broker().restart('api');
    expect((await questions().look(open)).body.state).toBe('pending');
    expect((await questions().look(approved)).body.state).toBe('approved');
    expect(await questions().desk.use(approvalIdOf(approved))).toBe(true);
  });
});
