import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import { approvalIdOf } from '../../src/domain/ids.js';
import { TERMS } from '../support/approval-state.js';
import { runProgram } from '../support/clients/program.js';
import { COMPILED, ROOT } from '../support/folders.js';
import { call, type Answer } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);

function withdraw(id: string, body: object, key = broker().keys.approver): Promise<Answer<ApprovalView>> {
  return call<ApprovalView>(broker(), 'POST', `/v1/approvals/${id}/withdraw`, { key, body });
}

it('an approver takes back what they have approved, and the administrative record says who, of what and why', async () => {
  const id = await questions().ask({ text: 'UPDATE orders SET total = 4 WHERE id = 4' });
  const key = await questions().newApprover();
  const { body: approved } = await questions().decide(id, { decision: 'approve' }, key);
  expect(approved.canWithdraw).toEqual({ allowed: true, code: null, why: null });
  expect((await questions().look(id)).body.canWithdraw).toMatchObject({ code: 'approval_not_given_by_you' });
  const { status, body } = await withdraw(id, { reason: 'Not this\u200bone', revision: approved.revision }, key);
  expect({ status, body }).toMatchObject({
    status: 200,
    body: {
      state: 'withdrawn',
      decisions: [],
      withdrawals: [{ reason: 'Not this⟨U+200B⟩one', scope: null, withdrawnWith: expect.stringContaining('api-key:') }],
      canDecide: { allowed: false, code: 'approval_withdrawn' },
    },
  });
  const { operator } = broker().keys;
  const record = await call<{ items: readonly object[] }>(
    broker(),
    'GET',
    `/v1/record?subject=${id}&act=approval.withdrawn`,
    { key: operator },
  );
  expect(record.body.items).toMatchObject([
    { act: 'approval.withdrawn', subject: { kind: 'approval', name: id }, after: { state: 'withdrawn' } },
  ]);
  expect((await questions().row(approvalIdOf(id))).openKey).not.toBeNull();
});

it('is told to those who follow approvals, and to those who wait for it', async () => {
  const id = await questions().ask({
    text: 'UPDATE orders SET total = 5 WHERE id = 5',
    terms: { ...TERMS, quorum: 2 },
  });
  const { body: first } = await questions().decide(id, { decision: 'approve' });
  expect(first).toMatchObject({ state: 'pending', canWithdraw: { allowed: true } });
  const waiting = questions().look(id, broker().keys.approver, 30);
  const { body } = await withdraw(id, { reason: 'Not yet' });
  expect(body).toMatchObject({ state: 'pending', canDecide: { allowed: true } });
  expect((await waiting).body.revision).toBeGreaterThan(first.revision);
});

it('is refused to those who may not, with a reason that is missing or of several lines, and of another revision', async () => {
  const id = await questions().ask({ text: 'UPDATE orders SET total = 6 WHERE id = 6' });
  const { body: approved } = await questions().decide(id, { decision: 'approve' });
  const { agent, operator, reviewer } = broker().keys;
  for (const key of [agent, operator, reviewer]) {
    expect((await withdraw(id, { reason: 'mine' }, key)).body).toMatchObject({ code: 'forbidden' });
  }
  const stranger = await questions().newApprover();
  expect((await withdraw(id, { reason: 'mine' }, stranger)).body).toMatchObject({ code: 'approval_not_given_by_you' });
  expect((await withdraw(id, {})).body).toMatchObject({ status: 400, code: 'request_invalid' });
  expect((await withdraw(id, { reason: 'a\nb' })).body).toMatchObject({ status: 400, code: 'request_invalid' });
  expect((await withdraw(id, { reason: 'late', revision: approved.revision - 1 })).body).toMatchObject({
    code: 'approval_changed',
    revision: approved.revision,
  });
  expect((await questions().look(id)).body.state).toBe('approved');
});

it('is taken back at the command line too, with a reason; what is used stays', async () => {
  const cli = (args: readonly string[]) => {
    const env = { ...COMPILED, DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.approver };
    return runProgram(process.execPath, [join(ROOT, 'dist', 'apps', 'cli', 'main.js'), 'approvals', ...args], { env });
  };
  const id = await questions().ask({ text: 'UPDATE orders SET total = 7 WHERE id = 7' });
  await cli(['approve', id, '--any-rows']);
  expect(await cli(['withdraw', id])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--reason') });
  expect(await cli(['withdraw', id, '--reason', 'wrong table', '--revision', '1'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('approval_changed'),
  });
  expect(await cli(['withdraw', id, '--reason', 'wrong table'])).toMatchObject({
    exitCode: 0,
    stdout: `${id} is withdrawn.\n`,
  });
  const { stdout } = await cli(['show', id]);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('test-approver took the approval back with api-key:');
  expect(stdout).toContain(': wrong table');
  const used = await questions().ask({ text: 'DELETE FROM orders WHERE id = 2' });
  await cli(['approve', used, '--any-rows']);
  expect(await questions().desk.use(used)).toBe(true);
  const late = await cli(['withdraw', used, '--reason', 'too late']);
  expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('approval_already_used') });
});
