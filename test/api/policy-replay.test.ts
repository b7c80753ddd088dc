import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiCall, callApi } from '../../src/client/api-call.js';
import { type PolicyReplayView, policyReplayView } from '../../src/contracts/policies/policy-replay.js';
import { policyList } from '../../src/contracts/policies/policy.js';
import { type Role } from '../../src/domain/principal.js';
import { useHeldShop } from '../gateway/held-shop.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { servers } from '../support/engines.js';
import { problemOf } from '../support/http.js';
import { useBroker } from '../support/broker.js';
import { untilFound } from '../support/statements.js';
import type { Task } from '../support/task.js';

const READS = `@id("reads") permit (principal, action == Action::"read", resource);
@id("session") permit (principal, action == Action::"session", resource);
@id("grants") permit (principal, action == Action::"requestGrant", resource);`;
const HOLD_ONE = `${READS}
@id("secrets") @approvers("dba")
forbid (principal, action == Action::"read", resource is Table)
when { resource.name == "secrets" } unless { context.approved };`;

// Of its own: an api counts what policies decided once a minute, and one that is passed on may have counted before.
const broker = useBroker({ policies: READS });
const shop = useHeldShop(broker, servers().mariadb, () => ({
  schema: ['CREATE TABLE secrets (id INT PRIMARY KEY)', 'CREATE TABLE plain (id INT PRIMARY KEY)'],
}));

function call(path: string, options: ApiCall & { readonly as?: Role } = {}) {
  const { as = 'operator', ...rest } = options;
  return callApi(broker().api, path, { key: broker().keys[as], ...rest });
}

/** What was recorded at the shop; other files have left more. */
async function replay(text: string | null, more: object = {}): Promise<PolicyReplayView> {
  const body = { name: 'default', text, target: shop().target.name, ...more };
  const answer = await call('/v1/policies/replay', { method: 'POST', body });
  expect(answer).toMatchObject({ status: 200 });
  return policyReplayView.parse(answer.body);
}

describe('recorded statements that are judged again', () => {
  let task: Task;

  beforeAll(async () => {
    task = await shop().newTask();
    await withMysql2(task.login, async (client) => {
      await client.query('SELECT id FROM plain');
      for (const id of [1, 2, 3]) await client.query(`SELECT id FROM secrets WHERE id = ${id}`);
      await client.query('DELETE FROM plain').catch(() => undefined);
      await client.query(`SELECT '${'x'.repeat(5_000)}' FROM plain`);
      await client.query('SELECT * FROM plain PROCEDURE ANALYSE(').catch(() => undefined);
    });
    await untilFound(broker(), { grant: task.id }, 7);
  });

  it('differ where the draft gives another verdict, and nowhere else', async () => {
    const found = await replay(HOLD_ONE);
    expect(found.changes).toEqual([{ from: 'allow', to: 'hold', count: 3 }]);
    expect(found.differs).toHaveLength(3);
    expect(found.differs[0]).toMatchObject({
      grant: task.id,
      principal: 'test-agent',
      target: shop().target.name,
      database: shop().target.database,
      was: { verdict: 'allow', policies: ['default#reads'] },
      now: { verdict: 'allow', policies: ['default#reads'] },
      would: { verdict: 'hold', hold: { approvers: ['dba'] } },
    });
    expect(found.differs[0]?.would.policies).toContain('default#secrets');
    expect(found.judged).toBeGreaterThanOrEqual(6);
    expect(found).toMatchObject({ catalog: false, warnings: [] });
    expect(found.caveats.map(({ code }) => code)).toContain('catalog');
  });

  it('are found by their entries in the recording', async () => {
    const [first] = (await replay(HOLD_ONE)).differs;
    const path = `/v1/recordings/${task.id}/entries?after=${Number(first?.seq) - 1}&limit=1`;
    const { body } = await call(path, { as: 'reviewer' });
    expect(body).toMatchObject({
      items: [{ operation: first?.operation, body: { text: 'SELECT id FROM secrets WHERE id = 3' } }],
    });
  });

  it('show no values to those who may not read recordings', async () => {
    const [first] = (await replay(HOLD_ONE)).differs;
    expect(first).toMatchObject({ isShape: true });
    expect(first?.excerpt).toContain('secrets');
    expect(first?.excerpt).not.toContain('3');
  });

  it('say what could not be judged, and what is not understood', async () => {
    const found = await replay(READS);
    expect(found.differs).toEqual([]);
    expect(found.notJudged).toMatchObject([{ code: 'text-cut', count: 1 }]);
    expect(found.notUnderstood).toBeGreaterThanOrEqual(1);
  });

  it('are as many of the newest as was asked for, of the target that was named', async () => {
    const found = await replay(HOLD_ONE, { last: 2 });
    expect(found.judged + found.notJudged.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    const nobody = await call('/v1/policies/replay', {
      method: 'POST',
      body: { name: 'default', text: READS, target: 'nobody' },
    });
    expect(problemOf(nobody).code).toBe('target_not_found');
  });

  it('are those of all targets where none was named', async () => {
    const found = await replay(HOLD_ONE, { target: undefined });
    expect(found.differs.filter(({ grant }) => grant === task.id)).toHaveLength(3);
  });

  it('would be denied without the policy', async () => {
    const found = await replay(null);
    expect(found.changes).toEqual([{ from: 'allow', to: 'deny', count: found.differs.length }]);
    expect(found.differs.length).toBeGreaterThanOrEqual(4);
  });

  it('are not judged by a draft that is not valid', async () => {
    const answer = await call('/v1/policies/replay', { method: 'POST', body: { name: 'default', text: 'permit(' } });
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'policy_invalid', line: 1 });
  });

  it('are a matter of operators, and leave an entry in the administrative record', async () => {
    for (const as of ['agent', 'approver', 'reviewer'] as const) {
      const answer = await call('/v1/policies/replay', { method: 'POST', body: { name: 'x', text: READS }, as });
      expect(problemOf(answer)).toMatchObject({ status: 403, code: 'forbidden' });
    }
    await replay(HOLD_ONE);
    const record = z.object({ items: z.array(z.looseObject({ act: z.string(), subject: z.unknown() })) });
    const { items } = record.parse((await call('/v1/record?act=policy.replayed&limit=10')).body);
    expect(items).toContainEqual(
      expect.objectContaining({ subject: expect.objectContaining({ kind: 'policy', name: 'default' }) }),
    );
  });

  it('are counted for the policies that decided them', async () => {
    const { items } = policyList.parse((await call('/v1/policies')).body);
    expect(items.find(({ name }) => name === 'default')?.decidedLastWeek).toBeGreaterThanOrEqual(4);
  });

  it('are judged for two calls at once, and the others are told to come again', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('/v1/policies/replay', { method: 'POST', body: { name: 'default', text: HOLD_ONE } }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses).toContain(503);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(problemOf(answer)).toMatchObject({ status: 503, code: 'policy_replay_busy' });
    }
  });
});
