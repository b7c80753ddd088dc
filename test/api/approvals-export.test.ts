import { expect, it } from 'vitest';
import { z } from 'zod';
import { approvalSummaryView } from '../../src/contracts/approvals/approval.js';
import { newApprovalId } from '../../src/domain/ids.js';
import { call } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);

async function exported(query: string, key = broker().keys.approver) {
  const response = await fetch(`${broker().api}/v1/approvals/export?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { headers, status } = response;
  return {
    status,
    text: await response.text(),
    type: headers.get('content-type'),
    name: headers.get('content-disposition'),
  };
}

const file = z.strictObject({ items: z.array(approvalSummaryView) });

it('approvals are exported as JSON and as a table, by the filters of the list, and that is recorded', async () => {
  const target = `t-${newApprovalId()}`;
  const grant = await questions().activeGrant({ targetName: target, taskTitle: '=HYPERLINK("http://evil")' });
  const denied = await questions().ask({ grant, text: 'UPDATE orders SET note = "a,b" WHERE id = 1' });
  const waiting = await questions().ask({ grant, text: '=1+1' });
  await questions().decide(denied, { decision: 'deny', reason: '@no, "never"' });
  const json = await exported(`format=json&target=${target}`);
  expect([json.status, json.type, json.name]).toEqual([
    200,
    'application/json; charset=utf-8',
    'attachment; filename="approvals.json"',
  ]);
  const { items } = file.parse(JSON.parse(json.text));
  expect(items.map(({ id, state }) => [id, state])).toEqual([
    [waiting, 'pending'],
    [denied, 'denied'],
  ]);
  const { text, type } = await exported(`format=csv&target=${target}&settled=true`);
  expect(type).toMatch(/^text\/csv; charset=utf-8/);
  const [head = '', first = '', ...rest] = text.split('\r\n');
  expect(head).toMatch(/^"id","kind","state",/);
  expect(first).toMatch(new RegExp(`^"${denied}","statement","denied",`));
  expect(first).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(first).toContain('"UPDATE orders SET note = ""a,b"" WHERE id = 1"');
  expect(first).toMatch(/"deny by test-approver at [^"]+: @no, ""never"""/);
  expect(rest).toEqual(['']);
  const all = await exported(`format=csv&target=${target}`);
  expect(all.text).toContain(`"'=1+1"`);
  const { operator, agent } = broker().keys;
  const record = await call<{ items: readonly object[] }>(broker(), 'GET', '/v1/record?act=approval.exported', {
    key: operator,
  });
  expect(record.body.items).toContainEqual(
    expect.objectContaining({ act: 'approval.exported', after: { format: 'csv', target, settled: 'true' } }),
  );
  expect(file.parse(JSON.parse((await exported(`format=json&target=${target}`, agent)).text)).items).toHaveLength(2);
});

it('an agent exports its own, nothing is an empty file, and a form that is not known is refused', async () => {
  const target = `t-${newApprovalId()}`;
  const grant = await questions().activeGrant({ targetName: target, principalId: newApprovalId() });
  await questions().ask({ grant });
  expect((await exported(`format=json&target=${target}`, broker().keys.agent)).text).toBe('{"items":[\n]}\n');
  expect((await exported(`format=json&target=${target}`)).text).toContain(grant);
  expect((await exported('format=csv&principal=nobody-at-all')).text.split('\r\n')).toHaveLength(2);
  expect((await exported('format=xlsx')).status).toBe(400);
  expect((await exported('format=csv', 'dw_nobody')).status).toBe(401);
});

it('the history leaves out what waits, and pages as the list does', async () => {
  const target = `t-${newApprovalId()}`;
  const grant = await questions().activeGrant({ targetName: target });
  const ids: string[] = [];
  for (const total of [1, 2, 3]) ids.push(await questions().ask({ grant, text: `UPDATE orders SET total = ${total}` }));
  for (const id of ids.slice(1)) await questions().decide(id, { decision: 'deny' });
  const listed = async (query: string) => {
    const { body } = await call<z.infer<typeof file>>(broker(), 'GET', `/v1/approvals?target=${target}${query}`, {
      key: broker().keys.reviewer,
    });
    return body.items.map(({ id }) => id);
  };
  expect(new Set(await listed('&settled=true'))).toEqual(new Set(ids.slice(1)));
  expect(await listed('&settled=true&state=pending')).toEqual([]);
  expect(await listed('&settled=true&limit=1')).toHaveLength(1);
  expect(await listed('&settled=true&to=2020-01-01T00:00:00Z')).toEqual([]);
});
