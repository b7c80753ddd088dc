import { beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import { policyVersionOf } from '../../src/policy/policy-set.js';
import { PolicyRepository } from '../../src/persistence/policies/policy.repository.js';
import { dialectOf } from '../../src/protocols/mysql/sql/text/dialect.js';
import { type Asked, TERMS, UPDATE_FACTS } from '../support/approval-state.js';
import { putPolicy } from '../support/decide.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { statementAsked } from '../support/statement-asked.js';

const POLICY = `// People look at writes.
@id("reads")
permit (principal, action == Action::"read", resource);

@id("hold-writes")
@warning("Look twice.")
permit (principal, action in Action::"write", resource is Table)
when { context.approved };
`;

const broker = useSharedBroker(POLICY);
const questions = useQuestions(broker);
const dialect = dialectOf({ flavour: 'mariadb', version: '10.11.19', sqlMode: '' });

let policyVersion = '';
beforeAll(async () => {
  const { policies } = await new PolicyRepository(questions().source).read();
  policyVersion = policyVersionOf(policies);
});

async function look(id: string, key = broker().keys.approver): Promise<ApprovalView> {
  return (await questions().look(id, key)).body;
}

describe('an approval shows', () => {
  it('what the statement is made of, and what the task had done before', async () => {
    const context: Asked['context'] = {
      operations: [
        {
          operation: 5,
          session: 1,
          atMs: 1000,
          kind: 'select',
          line: 'SELECT\u200b 1',
          verdict: 'allow',
          outcome: 'ok',
        },
        { operation: 6, session: 2, atMs: 2000, kind: 'update', line: null, verdict: 'hold', outcome: null },
      ],
      inTransactionSinceMs: 3000,
    };
    const text = "UPDATE orders SET note = '\u202e' WHERE id = 1";
    const id = await questions().ask({ text, context, dialect });
    const { highlight, shown, context: seen } = statementAsked(await look(id));
    expect(highlight?.tokens.map(([start, end, kind]) => [kind, shown.slice(start, end)])).toEqual([
      ['keyword', 'UPDATE'],
      ['table', 'orders'],
      ['keyword', 'SET'],
      ['string', "'"],
      ['hidden', '⟨U+202E⟩'],
      ['string', "'"],
      ['keyword', 'WHERE'],
      ['number', '1'],
    ]);
    expect(highlight?.whereParts.map(([start, end]) => shown.slice(start, end))).toEqual(['WHERE id = 1']);
    expect(seen).toEqual({
      operations: [
        {
          operation: 5,
          session: 1,
          at: '1970-01-01T00:00:01.000Z',
          kind: 'select',
          line: 'SELECT⟨U+200B⟩ 1',
          verdict: 'allow',
          outcome: 'ok',
        },
        {
          operation: 6,
          session: 2,
          at: '1970-01-01T00:00:02.000Z',
          kind: 'update',
          line: null,
          verdict: 'hold',
          outcome: null,
        },
      ],
      inTransactionSince: '1970-01-01T00:00:03.000Z',
    });
    // As gateways of older versions ask.
    const older = statementAsked(await look(await questions().ask({ text: 'DELETE FROM orders' })));
    expect([older.highlight, older.context]).toEqual([null, null]);
  });

  it('what the task asked before, and how it differs from the newest that is alike', async () => {
    const grant = await questions().activeGrant();
    const first = await questions().ask({ grant, dialect, text: 'UPDATE orders SET total = 1 WHERE id = 6' });
    await questions().decide(first, { decision: 'deny', reason: 'Too many' });
    const other = await questions().ask({
      grant,
      dialect,
      text: 'DELETE FROM notes',
      facts: {
        ...UPDATE_FACTS,
        kind: 'delete',
        action: 'delete',
        tables: [{ database: 'shop', table: 'notes', action: 'delete', by: 'text' }],
      },
    });
    const now = await questions().ask({ grant, dialect, text: 'UPDATE orders SET total = 1 WHERE id IN (6, 7)' });
    const { earlier } = await look(now);
    expect(earlier.items.map(({ id, state, isAlike }) => [id, state, isAlike])).toEqual([
      [other, 'pending', false],
      [first, 'denied', true],
    ]);
    expect(earlier.difference).toEqual({
      approval: first,
      parts: [
        { kind: 'same', shown: '… SET total = 1 WHERE id' },
        { kind: 'removed', shown: '=' },
        { kind: 'added', shown: 'IN (' },
        { kind: 'same', shown: '6' },
        { kind: 'added', shown: ', 7 )' },
      ],
    });
    expect((await look(now)).scopes).toEqual({
      rowLimit: { possible: true, why: null },
      shape: { possible: true, why: null, text: expect.stringMatching(/^update .*orders.*\?/i) },
    });
    expect((await look(other)).scopes?.shape.text).not.toContain('6');
    expect((await look(first)).earlier).toEqual({ items: [], more: false, difference: null });
    const many = await questions().activeGrant();
    for (let index = 0; index < 22; index += 1) {
      await questions().ask({ grant: many, dialect, text: `UPDATE orders SET total = ${index}` });
    }
    const last = await questions().ask({ grant: many, dialect, text: 'UPDATE orders SET total = 99' });
    const { items, more } = (await look(last)).earlier;
    expect([items.length, more]).toEqual([20, true]);
  });

  it('word for word what the agent is told, and what it would be told', async () => {
    const waits = await questions().ask({ text: 'UPDATE orders SET total = 31' });
    expect((await look(waits)).told).toMatchObject([
      { state: 'pending', isNow: true, code: null, text: null },
      { state: 'timed-out', isNow: false, code: 'approval_timed_out', text: expect.stringContaining('for 600 s or') },
      { state: 'cancelled', isNow: false, code: 'approval_cancelled' },
    ]);
    const again = await questions().ask({ text: 'UPDATE orders SET total = 32' }, { onHold: 'error' });
    expect((await look(again)).told[0]).toMatchObject({ code: 'statement_held', text: expect.stringContaining(again) });
    await questions().decide(waits, { decision: 'deny', reason: 'Not this\u200bweek' });
    expect((await look(waits)).told).toEqual([
      {
        state: 'denied',
        isNow: true,
        code: 'statement_denied_by_approver',
        text: expect.stringContaining(`Approval ${waits}: Not this⟨U+200B⟩week. Do what the reason says.`),
      },
    ]);
    await questions().decide(again, { decision: 'approve' });
    expect((await look(again)).told).toEqual([{ state: 'approved', isNow: true, code: null, text: null }]);
  });

  it('for which of the groups asked somebody has answered, and why a shape or a row limit is not for it', async () => {
    const terms = { ...TERMS, approvers: ['dba', 'security'], quorum: 2 };
    const facts = { ...UPDATE_FACTS, kind: 'drop table', action: 'schema' } as const;
    const id = await questions().ask({ text: 'DROP TABLE orders', terms, facts, shapeKey: null });
    const key = await questions().newApprover(['dba', 'others']);
    const { body } = await questions().decide(id, { decision: 'approve' }, key);
    expect(body.decisions).toMatchObject([{ decision: 'approve', groups: ['dba'] }]);
    expect(body.scopes).toEqual({
      rowLimit: { possible: false, why: expect.stringContaining('INSERT, UPDATE, DELETE') },
      shape: { possible: false, why: expect.stringContaining('cannot be told apart'), text: null },
    });
  });

  it('the policies that asked, as they were written then, to those who may read policies', async () => {
    const policies = ['default#hold-writes'];
    const id = await questions().ask({ text: 'UPDATE orders SET total = 41', policies, policyVersion });
    const { policyTexts } = await look(id);
    const written = {
      policy: 'default#hold-writes',
      name: 'default',
      line: 5,
      text: expect.stringContaining('@warning("Look twice.")'),
      isInForce: true,
    };
    expect(policyTexts).toMatchObject([written]);
    expect((await look(id, broker().keys.agent)).policyTexts).toBeNull();
    await putPolicy(broker(), POLICY.replace('Look twice.', 'Look thrice.'));
    expect((await look(id)).policyTexts).toMatchObject([{ ...written, isInForce: false }]);
    // Of a version that nobody has, and of a policy that the version has not.
    const unknown = await questions().ask({
      text: 'UPDATE orders SET total = 42',
      policies,
      policyVersion: 'feedfeedfeedfeed',
    });
    expect((await look(unknown)).policyTexts).toBeNull();
    const gone = await questions().ask({
      text: 'UPDATE orders SET total = 43',
      policies: ['default#gone'],
      policyVersion,
    });
    expect((await look(gone)).policyTexts).toBeNull();
  });
});
