import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalSummaryView, ApprovalView } from '../../src/contracts/approval.js';
import type { Page } from '../../src/contracts/page.js';
import type { StatementPreview } from '../../src/domain/approval.js';
import { approvalIdOf, newApprovalId } from '../../src/domain/ids.js';
import type { ApprovalQuestion } from '../../src/gateway/ports.js';
import type { ApprovalId, GatewayId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approval-desk.js';
import { createStateSource } from '../../src/persistence/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approval.js';
import { principalEntity } from '../../src/persistence/entities/principal.js';
import { GatewayRepository } from '../../src/persistence/gateway.repository.js';
import { GrantRepository } from '../../src/persistence/grant.repository.js';
import { approvalChannel } from '../../src/queue/jobs.js';
import { insertActiveGrant, questionOf, TERMS } from '../support/approval-state.js';
import { useBroker } from '../support/broker.js';
import { servers } from '../support/engines.js';
import { type EventStream, openEventStream } from '../support/event-stream.js';
import { type Answer, call } from '../support/grants.js';

const LEASE_SECONDS = 3_600;

const broker = useBroker({ policies: 'default', env: { REAP_EVERY_SECONDS: '1' } });
let source: DataSource;
let desk: DatabaseApprovalDesk;
let redis: Redis;
let gatewayId: GatewayId;
let agentId: string;
let approverId: string;
const streams: EventStream[] = [];

beforeAll(async () => {
  source = await createStateSource(broker().stateDatabaseUrl).initialize();
  redis = new Redis(servers().redis.url);
  const channel = approvalChannel(broker().env['QUEUE_PREFIX'] ?? '');
  // Without jobs: what the worker does for these questions it finds by itself.
  desk = new DatabaseApprovalDesk({
    dataSource: source,
    clock: systemClock,
    limits: { pendingMax: 50, totalMax: 1_000 },
    announce: (id, state) => void redis.publish(channel, JSON.stringify({ id, state })),
    requestJobs: () => undefined,
  });
  // The gateway of the grants of this test: nobody may take them for a dead one's.
  gatewayId = await new GatewayRepository(source).start('of-this-test', LEASE_SECONDS);
  const principals = source.getRepository(principalEntity);
  agentId = (await principals.findOneByOrFail({ name: 'test-agent' })).id;
  approverId = (await principals.findOneByOrFail({ name: 'test-approver' })).id;
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await source?.destroy();
  redis?.disconnect();
});

/** A grant of the test's agent, and a question about one of its statements. */
async function ask(changed: Partial<ApprovalQuestion> = {}, ofGrant: object = {}): Promise<ApprovalId> {
  const grant = changed.grant ?? (await activeGrant(ofGrant));
  return (await desk.ask(questionOf(grant, changed))).id;
}

function activeGrant(changed: object = {}): Promise<GrantId> {
  return insertActiveGrant(source, { principalId: agentId, gatewayId, ...changed });
}

/** A new approver with a key. */
async function newApprover(groups: readonly string[] = [], name = `approver-${newApprovalId()}`): Promise<string> {
  const { operator } = broker().keys;
  const body = { name, kind: 'user', roles: ['approver'], groups };
  expect((await call(broker(), 'POST', '/v1/principals', { key: operator, body })).status).toBe(201);
  const { body: made } = await call(broker(), 'POST', `/v1/principals/${name}/keys`, { key: operator, body: {} });
  return String(made['key']);
}

function look(id: string, key = broker().keys.approver, wait = 0): Promise<Answer<ApprovalView>> {
  return call<ApprovalView>(broker(), 'GET', `/v1/approvals/${id}?wait=${wait}`, { key });
}

function decide(id: string, body: object, key = broker().keys.approver): Promise<Answer<ApprovalView>> {
  return call<ApprovalView>(broker(), 'POST', `/v1/approvals/${id}/decisions`, { key, body });
}

async function list(query: string, key = broker().keys.approver): Promise<readonly ApprovalSummaryView[]> {
  const { body } = await call<Page<ApprovalSummaryView>>(broker(), 'GET', `/v1/approvals${query}`, { key });
  return body.items;
}

/** Fails unless the answer is the problem of this code. */
function expectProblem({ status, body }: Answer<unknown>, code: string): void {
  expect({ status, body }).toMatchObject({ body: { code } });
  expect(status).toBeGreaterThanOrEqual(400);
}

describe('an approval', () => {
  it('shows an approver all that is needed to decide, hidden characters written out', async () => {
    const id = await ask({
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
    const { status, body } = await look(id);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        id,
        kind: 'statement',
        state: 'pending',
        principal: { id: agentId, name: 'bot', kind: 'agent' },
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
    expect(body.statement?.values?.map(({ shown }) => shown)).toEqual(['5', "'NULL⟨U+200B⟩'", 'NULL', 'base64 /wA=']);
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
      locks: { held: [], waiting: 1 },
    };
    const id = await ask();
    await desk.show(id, preview);
    const { approver, reviewer, operator, agent } = broker().keys;
    for (const key of [approver, reviewer]) {
      expect((await look(id, key)).body.preview).toMatchObject({
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
    for (const key of [operator, agent]) expect((await look(id, key)).body.preview).toEqual({ state: 'hidden' });
  });

  it('says for each caller whether they can decide, and why not', async () => {
    const { reviewer, operator, agent } = broker().keys;
    const id = await ask({ terms: { ...TERMS, approvers: ['dba'] } });
    for (const key of [reviewer, operator, broker().keys.approver]) {
      expect((await look(id, key)).body.canDecide).toMatchObject({ allowed: false, code: 'approval_not_an_approver' });
    }
    expect((await look(id, agent)).body.canDecide).toMatchObject({ allowed: false, code: 'approval_of_own_request' });
    expect((await look(id, await newApprover(['dba']))).body.canDecide).toEqual({
      allowed: true,
      code: null,
      why: null,
    });
  });

  it('of another agent is not there for an agent', async () => {
    const id = await ask({}, { principalId: newApprovalId() });
    const { agent } = broker().keys;
    expectProblem(await look(id, agent), 'approval_not_found');
    expect((await list('', agent)).map((approval) => approval.id)).not.toContain(id);
    expectProblem(await look(newApprovalId()), 'approval_not_found');
  });

  it('is listed by state, target, kind and grant, page by page, with the beginning of its statement', async () => {
    const target = `t-${newApprovalId()}`;
    const grant = await activeGrant({ targetName: target });
    const ids: string[] = [];
    for (const total of [1, 2, 3]) {
      ids.push(await ask({ grant, text: `UPDATE orders SET total = ${total} /* ${'x'.repeat(600)} */` }));
    }
    await decide(String(ids[0]), { decision: 'deny' });
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
    const id = await ask();
    const waiting = look(id, broker().keys.agent, 20);
    await decide(id, { decision: 'approve', reason: 'fine' });
    expect((await waiting).body).toMatchObject({ state: 'approved', decisions: [{ reason: 'fine' }] });
    expect((await look(id, broker().keys.agent, 20)).body.state).toBe('approved');
  });
});

describe('a decision', () => {
  it('is announced to whoever holds the statement, with its scope', async () => {
    const id = await ask();
    const held = desk.settled(id, AbortSignal.timeout(10_000));
    const { status, body } = await decide(id, {
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
    const [dba, security] = [await newApprover(['dba']), await newApprover(['security'])];
    const id = await ask({ terms: { ...TERMS, approvers: ['dba', 'security'], quorum: 2 } });
    expectProblem(await decide(id, { decision: 'approve' }), 'approval_not_an_approver');
    expect((await decide(id, { decision: 'approve' }, dba)).body).toMatchObject({ state: 'pending' });
    expectProblem(await decide(id, { decision: 'deny' }, dba), 'approval_answered_by_you');
    expect((await decide(id, { decision: 'approve' }, security)).body).toMatchObject({ state: 'approved' });
  });

  it('follows the groups that a principal is in now', async () => {
    const name = `approver-${newApprovalId()}`;
    const key = await newApprover([], name);
    const id = await ask({ terms: { ...TERMS, approvers: ['dba'] } });
    expectProblem(await decide(id, { decision: 'approve' }, key), 'approval_not_an_approver');
    const { operator } = broker().keys;
    const changed = await call(broker(), 'PATCH', `/v1/principals/${name}`, {
      key: operator,
      body: { groups: ['dba'] },
    });
    expect(changed.body).toMatchObject({ groups: ['dba'], disabledAt: null });
    expect((await decide(id, { decision: 'approve' }, key)).body).toMatchObject({ state: 'approved' });
  });

  it('takes a key that was revoked, and a person who was disabled, elsewhere just now for what they are', async () => {
    const [revoked, disabled] = [`approver-${newApprovalId()}`, `approver-${newApprovalId()}`];
    const keys = [await newApprover([], revoked), await newApprover([], disabled)];
    const id = await ask();
    for (const key of keys) expect((await look(id, key)).status).toBe(200); // known from a moment ago
    // As another api process writes it, of which this one learns nothing.
    await source.query('UPDATE api_keys SET revoked_at = 1 WHERE id = ?', [keys[0]?.split('_')[1]]);
    await source.getRepository(principalEntity).update({ name: disabled }, { disabledAtMs: 1 });
    for (const key of keys) expectProblem(await decide(id, { decision: 'approve' }, key), 'unauthenticated');
    expect((await look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });

  it('of one person counts once, however often it is sent at the same time', async () => {
    const id = await ask({ terms: { ...TERMS, quorum: 2 } });
    const answers = await Promise.all(Array.from({ length: 8 }, () => decide(id, { decision: 'approve' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectProblem(answer, 'approval_answered_by_you');
    }
    expect((await look(id)).body).toMatchObject({ state: 'pending', decisions: [{ principal: 'test-approver' }] });
  });

  it('is never of the requester, an agent, a reviewer or an operator', async () => {
    const id = await ask();
    const { agent, reviewer, operator } = broker().keys;
    for (const key of [agent, reviewer, operator]) {
      expectProblem(await decide(id, { decision: 'approve' }, key), 'forbidden');
    }
    const own = await ask({}, { principalId: approverId });
    expectProblem(await decide(own, { decision: 'approve' }), 'approval_of_own_request');
    expect((await look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });

  it('that comes after the end is told how it ended', async () => {
    const denied = await ask();
    await decide(denied, { decision: 'deny', reason: 'no' });
    expectProblem(await decide(denied, { decision: 'approve' }, await newApprover()), 'approval_already_decided');
    const overdue = await ask({ expiresAtMs: Date.now() });
    expectProblem(await decide(overdue, { decision: 'approve' }), 'approval_timed_out');
    const grant = await activeGrant();
    const cancelled = await ask({ grant });
    await new GrantRepository(source).close(grant, 'revoked', 'operator', Date.now());
    expectProblem(await decide(cancelled, { decision: 'approve' }), 'approval_cancelled');
    expectProblem(await decide(newApprovalId(), { decision: 'approve' }), 'approval_not_found');
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
    const id = await ask(question);
    expectProblem(await decide(id, body), code);
    expect((await look(id)).body).toMatchObject({ state: 'pending', decisions: [] });
  });
});

describe('the live view', () => {
  async function follow(key = broker().keys.approver): Promise<EventStream> {
    const stream = await openEventStream(`${broker().api}/v1/approvals/events`, key);
    streams.push(stream);
    return stream;
  }

  const of = (id: string) => (event: { readonly data: unknown }) => Reflect.get(Object(event.data), 'id') === id;

  it('begins with all that waits, then says what is asked, shown, decided, timed out and cancelled', async () => {
    const before = await ask();
    const stream = await follow();
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const first = await stream.next();
    expect(first.event).toBe('pending');
    expect(JSON.stringify(first.data)).toContain(before);

    const grant = await activeGrant();
    const id = await ask({ grant });
    expect(await stream.next(of(id))).toMatchObject({ event: 'asked', data: { canDecide: { allowed: true } } });
    await desk.show(id, {
      takenAtMs: 1,
      tables: [],
      affected: { kind: 'unknown', why: 'It took too long.' },
      sample: null,
      triggers: [],
      cascades: [],
      locks: null,
    });
    expect(await stream.next(of(id))).toMatchObject({ event: 'updated' });
    await decide(id, { decision: 'approve' });
    expect(await stream.next(of(id))).toMatchObject({ event: 'decided', data: { state: 'approved' } });
    const late = await ask({ expiresAtMs: Date.now() + 50 });
    expect(await stream.next(of(late))).toMatchObject({ event: 'asked' });
    expect(await stream.next(of(late))).toMatchObject({ event: 'timed-out' });
    await new GrantRepository(source).close(grant, 'revoked', 'operator', Date.now());
    expect(await stream.next(of(id))).toMatchObject({ event: 'cancelled' });
  });

  it('shows an agent its own alone', async () => {
    const stream = await follow(broker().keys.agent);
    const others = await ask({}, { principalId: newApprovalId() });
    const own = await ask();
    const seen: unknown[] = [];
    await stream.next((event) => {
      seen.push(event.data);
      return of(own)(event);
    });
    expect(JSON.stringify(seen)).not.toContain(others);
  });

  it('ends when its key is revoked', async () => {
    const name = `approver-${newApprovalId()}`;
    const key = await newApprover([], name);
    const stream = await follow(key);
    await stream.next();
    const id = key.split('_')[1];
    await call(broker(), 'DELETE', `/v1/principals/${name}/keys/${String(id)}`, { key: broker().keys.operator });
    await ask();
    await stream.ended();
  });

  it('has room for twenty of one principal, again when they have left, and never takes that of others', async () => {
    const key = await newApprover();
    const own = await Promise.all(Array.from({ length: 20 }, () => follow(key)));
    expect(own.map(({ status }) => status)).toEqual(own.map(() => 200));
    expect((await follow(key)).status).toBe(503);
    expect((await follow()).status).toBe(200);
    for (const stream of own) stream.close();
    await expect.poll(async () => (await follow(key)).status, { timeout: 10_000 }).toBe(200);
  });

  it('hangs up on who does not read', { timeout: 60_000 }, async () => {
    const target = `t-${newApprovalId()}`;
    const grant = await activeGrant({ targetName: target });
    const text = (number: number) => `UPDATE orders SET total = ${number} -- ${'\u202e'.repeat(380)}`;
    for (let number = 0; number < 50; number += 1) await ask({ grant, text: text(number) });
    const { hostname, port } = new URL(broker().api);
    const socket = connect({ host: hostname, port: Number(port) });
    const ended = new Promise<string>((resolve) => socket.once('error', () => resolve('hung up')));
    socket.pause();
    socket.write(
      `GET /v1/approvals/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${broker().keys.approver}\r\n\r\n`,
    );
    const channel = approvalChannel(broker().env['QUEUE_PREFIX'] ?? '');
    const change = JSON.stringify({ id: newApprovalId(), state: 'pending' });
    // Each round has some 200 KB for everybody who follows; what this socket's system takes for it is soon full.
    for (let round = 0; round < 250 && !socket.destroyed; round += 1) {
      const now = 'FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)';
      const set = `UPDATE approvals SET revision = revision + 1, changed_at = ${now} WHERE target_name = ?`;
      await source.query(set, [target]);
      await redis.publish(channel, change);
      socket.write(' ');
    }
    expect(await Promise.race([ended, sleep(5_000, 'still there')])).toBe('hung up');
    await new GrantRepository(source).close(grant, 'revoked', 'operator', Date.now());
  });

  it('is for those who may see approvals', async () => {
    const stream = await openEventStream(`${broker().api}/v1/approvals/events`, 'dw_nobody');
    expect(stream.status).toBe(401);
    stream.close();
  });
});

describe('the worker', () => {
  async function row(id: ApprovalId) {
    return source.getRepository(approvalEntity).findOneByOrFail({ id });
  }

  it('finds questions nobody gave it a job for: tells, reminds, and times them out', async () => {
    const told = await ask();
    await expect.poll(async () => (await row(told)).notifiedAtMs, { timeout: 15_000 }).not.toBeNull();
    expect(await row(told)).toMatchObject({ state: 'pending', remindedAtMs: null });
    const noticeAtMs = Date.now() - 5_000;
    await source.getRepository(approvalEntity).update({ id: told }, { noticeAtMs, remindAtMs: noticeAtMs });
    await expect.poll(async () => (await row(told)).remindedAtMs, { timeout: 15_000 }).not.toBeNull();
    await source.getRepository(approvalEntity).update({ id: told }, { expiresAtMs: Date.now() - 5_000 });
    await expect.poll(async () => (await row(told)).state, { timeout: 15_000 }).toBe('timed-out');
    await expect.poll(async () => (await row(told)).noticeAtMs, { timeout: 15_000 }).toBeNull();
    expect(broker().logs('worker')).not.toContain('UPDATE orders');
  });

  it('cancels what is left open of a grant that is over', async () => {
    const id = await ask();
    await source.query("UPDATE grants SET state = 'sealed' WHERE id = ?", [(await row(id)).grantId]);
    await expect.poll(async () => (await row(id)).state, { timeout: 15_000 }).toBe('cancelled');
  });

  it('killed loses nothing: what was asked and decided meanwhile is told when it is back', async () => {
    await broker().kill('worker');
    const [asked, decided] = [await ask(), await ask()];
    expect((await decide(decided, { decision: 'deny' })).status).toBe(200);
    await broker().restart('worker');
    await expect.poll(async () => (await row(asked)).notifiedAtMs, { timeout: 15_000 }).not.toBeNull();
    await expect.poll(async () => (await row(decided)).noticeAtMs, { timeout: 15_000 }).toBeNull();
    expect(await row(decided)).toMatchObject({ state: 'denied' });
  });

  it('and the api restarted lose no question and no decision', async () => {
    const [open, approved] = [await ask(), await ask()];
    await decide(approved, { decision: 'approve' });
    await broker().restart('api');
    expect((await look(open)).body.state).toBe('pending');
    expect((await look(approved)).body.state).toBe('approved');
    expect(await desk.use(approvalIdOf(approved))).toBe(true);
  });
});
