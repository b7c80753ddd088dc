import { describe, expect, it } from 'vitest';
import type { HoldTerms } from '../domain/approval.js';
import { newGrantId } from '../domain/ids.js';
import { BrokerError } from '../kernel/errors.js';
import { at, Desk, FakeOperation, NOTHING_KNOWN, NOW_MS, TERMS } from './operation-gate.fixture.js';
import { OperationGate, type GatedClient, type Ruling } from './operation-gate.js';

const ALLOW: Ruling = { verdict: 'allow' };
const HOLD: Ruling = { verdict: 'hold', terms: TERMS };
const DENY: Ruling = { verdict: 'deny', code: 'statement_denied', detail: 'Nothing permits it.' };
const GONE = new Error('The client went.');

interface Scene {
  readonly onHold?: 'wait' | 'error';
  readonly deadlineMs?: number;
}

/** A gate over a desk of its own, and who sends an operation to it. */
function gateOf({ onHold = 'wait', deadlineMs = NOW_MS + 3_600_000 }: Scene = {}) {
  const desk = new Desk();
  const warnings: unknown[] = [];
  let us = 0;
  const gate = new OperationGate({
    grant: newGrantId(),
    deadlineMs,
    onHold,
    desk,
    clock: { nowMs: () => NOW_MS, nowUs: () => NOW_MS * 1000, monotonicUs: () => us },
    log: { info: () => undefined, warn: (fields) => warnings.push(fields), error: () => undefined },
  });
  const passes = (ms: number): void => {
    us += ms * 1000;
  };
  return { desk, gate, passes, warnings };
}

function clientOf() {
  const gone = new AbortController();
  const yielding = new AbortController();
  const heard: string[] = [];
  const client: GatedClient = {
    signal: gone.signal,
    givesWay: yielding.signal,
    onAsked: ({ again }) => heard.push(again ? 'found' : 'asked'),
    onDecided: ({ state }) => heard.push(state),
  };
  return { client, heard, gone, yielding };
}

describe('an operation that is allowed', () => {
  it('runs in its window, and nobody is asked', async () => {
    const { gate, desk } = gateOf();
    const operation = new FakeOperation({ rulings: [ALLOW] });
    const { client, heard } = clientOf();
    const admission = await gate.admit(operation, client);
    expect(admission).toMatchObject({
      kind: 'forward',
      approval: undefined,
      scope: null,
      window: { given: ['SHOUT'] },
    });
    expect(operation.log).toEqual(['opened']);
    expect([desk.questions, heard]).toEqual([[], []]);
  });

  it('is judged again after it had to queue, and runs when it is the same', async () => {
    const operation = new FakeOperation({ rulings: [ALLOW], hasToQueue: true });
    expect(await gateOf().gate.admit(operation, clientOf().client)).toMatchObject({ kind: 'forward' });
    expect(operation.log).toEqual(['opened', 'judged']);
  });

  it('is judged again after a long wait, and what it has become is held', async () => {
    const { gate, desk, passes } = gateOf();
    const turn = (): Promise<void> => Promise.resolve(passes(300));
    const operation = new FakeOperation({ rulings: [ALLOW, HOLD], turn });
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, clientOf().client);
    await isAsked;
    expect(operation.log).toEqual(['opened', 'judged', 'closed']);
    desk.settle('key', 'denied');
    expect(await admitting).toMatchObject({ code: 'statement_denied_by_approver' });
  });

  it('is refused when it changes each time it is looked at, with no window left open', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const operation = new FakeOperation({ rulings: [ALLOW], keys, hasToQueue: true });
    expect(await gateOf().gate.admit(operation, clientOf().client)).toMatchObject({ code: 'statement_drifted' });
    const opened = operation.log.filter((entry) => entry === 'opened');
    expect(operation.log.filter((entry) => entry === 'closed')).toHaveLength(opened.length);
  });
});

it('an operation that is denied is refused with the reason of its protocol, and nothing is opened', async () => {
  const operation = new FakeOperation({ rulings: [DENY] });
  const refused = { kind: 'refuse', code: 'statement_denied', detail: 'Nothing permits it.' };
  expect(await gateOf().gate.admit(operation, clientOf().client)).toEqual(refused);
  expect(operation.log).toEqual([]);
});

describe('an operation that is held', () => {
  it('is asked about with all that people need, until its time or the deadline is over', async () => {
    const { gate, desk } = gateOf({ deadlineMs: NOW_MS + 30_000 });
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(new FakeOperation({ rulings: [HOLD] }), clientOf().client);
    await isAsked;
    expect(desk.questions).toMatchObject([
      { session: 1, operation: 7, operationKey: 'key', body: { words: 'shout' }, terms: TERMS, waits: true },
    ]);
    expect(desk.questions[0]?.expiresAtMs).toBe(NOW_MS + 30_000);
    desk.settle('key', 'denied', {
      decisions: [
        { principal: 'ada', decision: 'deny', reason: 'Too loud', scope: null, decidedWith: null, atMs: NOW_MS },
      ],
    });
    const { detail } = { detail: '', ...(await admitting) };
    expect(detail).toMatch(/^Approval \w+: Too loud\. Do what the reason says\.$/);
    expect(desk.shown).toEqual([NOTHING_KNOWN]);
  });

  it('runs once when it is approved, of two that wait for it', async () => {
    const { gate, desk } = gateOf();
    const [first, second] = [new FakeOperation({ rulings: [HOLD] }), new FakeOperation({ rulings: [HOLD] })];
    const [one, two] = [clientOf(), clientOf()];
    let isAsked = desk.nextQuestion();
    const admitting = [gate.admit(first, one.client)];
    await isAsked;
    isAsked = desk.nextQuestion();
    admitting.push(gate.admit(second, two.client));
    await isAsked;
    desk.settle('key', 'approved');
    const admissions = await Promise.all(admitting);
    expect(admissions.map((admission) => ('code' in admission ? admission.code : admission.kind)).sort()).toEqual([
      'approval_used',
      'forward',
    ]);
    expect([...first.log, ...second.log].filter((entry) => entry === 'closed')).toHaveLength(1);
    expect([one.heard, two.heard]).toEqual([
      ['asked', 'approved'],
      ['found', 'approved'],
    ]);
    expect(desk.shown).toHaveLength(1);
  });

  it('is asked about again when it is another thing by the time it is approved, and the old decision lets nothing run', async () => {
    const { gate, desk } = gateOf();
    const operation = new FakeOperation({ rulings: [HOLD], keys: ['before', 'after'] });
    let isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, clientOf().client);
    await isAsked;
    isAsked = desk.nextQuestion();
    desk.settle('before', 'approved');
    await isAsked;
    expect(operation.log).toEqual(['judged']);
    desk.settle('after', 'approved');
    expect(await admitting).toMatchObject({ kind: 'forward' });
    expect(desk.questions.map(({ operationKey }) => operationKey)).toEqual(['before', 'after']);
  });

  it('is refused when the policy that is in force once it is approved denies it', async () => {
    const { gate, desk } = gateOf();
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(new FakeOperation({ rulings: [HOLD, DENY] }), clientOf().client);
    await isAsked;
    desk.settle('key', 'approved');
    expect(await admitting).toMatchObject({ kind: 'refuse', code: 'statement_denied' });
  });

  it('runs unasked, and uses nothing up, when the policy that is in force once it is approved allows it', async () => {
    const { gate, desk } = gateOf();
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(new FakeOperation({ rulings: [HOLD, ALLOW] }), clientOf().client);
    await isAsked;
    desk.settle('key', 'approved');
    expect(await admitting).toMatchObject({ kind: 'forward', approval: undefined, scope: null });
    expect(await desk.ask(at(desk.questions, 0))).toMatchObject({ again: true, state: 'approved' });
  });

  it('is not asked about for ever when it never stays the same', async () => {
    const { gate, desk } = gateOf();
    const keys = ['a', 'b', 'c', 'd'];
    let isAsked = desk.nextQuestion();
    const admitting = gate.admit(new FakeOperation({ rulings: [HOLD], keys }), clientOf().client);
    for (const key of ['a', 'b', 'c']) {
      await isAsked;
      isAsked = desk.nextQuestion();
      desk.settle(key, 'approved');
    }
    expect(await admitting).toMatchObject({ code: 'statement_drifted' });
    expect(desk.questions).toHaveLength(3);
  });

  it('does not run when it cannot be kept within what was approved, and the approval is used up', async () => {
    const { gate, desk } = gateOf();
    const operation = new FakeOperation({ rulings: [HOLD] });
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, clientOf().client);
    await isAsked;
    desk.settle('key', 'approved', { scope: { kind: 'once', rowsMax: 3 } });
    const admission = await admitting;
    expect(admission).toMatchObject({ kind: 'refuse', code: 'row_limit_impossible' });
    expect(operation.log).toEqual(['judged']);
    const again = await desk.ask({ ...at(desk.questions, 0) });
    expect(again.again).toBe(false);
  });

  it.each([
    ['timed-out', 'approval_timed_out'],
    ['cancelled', 'approval_cancelled'],
    ['withdrawn', 'approval_withdrawn'],
  ] as const)('is refused when its question is %s', async (state, code) => {
    const { gate, desk } = gateOf();
    const isAsked = desk.nextQuestion();
    const { client, heard } = clientOf();
    // Its session holds nothing that others could wait for.
    const admitting = gate.admit(new FakeOperation({ rulings: [HOLD] }), { ...client, givesWay: undefined });
    await isAsked;
    desk.settle('key', state);
    expect(await admitting).toMatchObject({ kind: 'refuse', code });
    expect(heard).toEqual(['asked', state]);
  });

  it('does not run when its approval is taken back while it waits for its turn: its client reads the reason', async () => {
    const { gate, desk } = gateOf();
    const { client, heard } = clientOf();
    const withdrawal = { principal: 'ada', reason: 'Wrong target', withdrawnWith: 'session:link', atMs: NOW_MS };
    const turn = (): Promise<void> => {
      desk.settle('key', 'withdrawn', { withdrawals: [withdrawal] });
      desk.useUp('key');
      return Promise.resolve();
    };
    const operation = new FakeOperation({ rulings: [HOLD], turn });
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, client);
    await isAsked;
    desk.settle('key', 'approved');
    const { code, detail } = { code: '', detail: '', ...(await admitting) };
    expect([code, detail]).toEqual(['approval_withdrawn', expect.stringMatching(/^Approval \w+: Wrong target\.$/)]);
    expect(heard).toEqual(['asked', 'approved', 'withdrawn']);
    expect(operation.log.filter((entry) => entry !== 'judged')).toEqual(['opened', 'closed']);
  });

  it('is told to come again where its grant does not wait, and runs once it comes after the decision', async () => {
    const { gate, desk } = gateOf({ onHold: 'error' });
    const held = { rulings: [HOLD] };
    expect(await gate.admit(new FakeOperation(held), clientOf().client)).toMatchObject({ code: 'statement_held' });
    expect(desk.questions[0]?.waits).toBe(false);
    desk.settle('key', 'approved');
    expect(await gate.admit(new FakeOperation(held), clientOf().client)).toMatchObject({ kind: 'forward' });
    expect(await gate.admit(new FakeOperation(held), clientOf().client)).toMatchObject({ code: 'statement_held' });
  });

  it('is not asked about once its client has gone', async () => {
    const { gate, desk } = gateOf();
    const { client, gone } = clientOf();
    gone.abort(GONE);
    await expect(gate.admit(new FakeOperation({ rulings: [HOLD] }), client)).rejects.toBe(GONE);
    expect(desk.questions).toEqual([]);
  });

  it('notes that nobody waits when its client goes while it is being asked about, and while it waits', async () => {
    const { gate, desk } = gateOf();
    const early = clientOf();
    const asking = gate.admit(new FakeOperation({ rulings: [HOLD] }), early.client);
    early.gone.abort(GONE); // the desk is still writing the question down
    await expect(asking).rejects.toBe(GONE);
    expect([desk.left, early.heard]).toEqual([[GONE], []]);
    const late = clientOf();
    const isAsked = desk.nextQuestion();
    const waiting = gate.admit(new FakeOperation({ rulings: [HOLD] }), late.client);
    await isAsked;
    await Promise.resolve();
    late.gone.abort(GONE);
    await expect(waiting).rejects.toBe(GONE);
    expect(desk.left).toHaveLength(2);
  });

  it('uses nothing up when its client goes after the decision, and leaves no window open', async () => {
    const { gate, desk } = gateOf();
    const { client, gone } = clientOf();
    const turn = (): Promise<void> => Promise.resolve(gone.abort(GONE));
    const operation = new FakeOperation({ rulings: [HOLD], turn });
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, client);
    await isAsked;
    desk.settle('key', 'approved');
    await expect(admitting).rejects.toBe(GONE);
    expect(operation.log).toEqual(['judged', 'opened', 'closed']);
    const next = gate.admit(new FakeOperation({ rulings: [HOLD] }), clientOf().client);
    expect(await next).toMatchObject({ kind: 'forward' });
  });

  it('runs without its preview when that cannot be shown', async () => {
    const { gate, desk, warnings } = gateOf();
    const operation = new FakeOperation({ rulings: [HOLD] });
    operation.preview = () => Promise.reject(new Error('The target is away.'));
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(operation, clientOf().client);
    await isAsked;
    desk.settle('key', 'approved');
    expect(await admitting).toMatchObject({ kind: 'forward' });
    expect(warnings).toHaveLength(1);
  });
});

describe('an operation that is held in a transaction', () => {
  const heldBy = (inTransaction: HoldTerms['inTransaction']): FakeOperation =>
    new FakeOperation({ rulings: [{ verdict: 'hold', terms: { ...TERMS, inTransaction } }], inTransaction: true });

  it('is refused, and nobody is asked, where the policy does not let it wait', async () => {
    const { gate, desk } = gateOf();
    const refused = { kind: 'refuse', code: 'statement_hold_in_transaction' };
    expect(await gate.admit(heldBy('refuse'), clientOf().client)).toEqual(refused);
    expect(desk.questions).toEqual([]);
  });

  it('is asked about, and its transaction given up at once, where the policy says so', async () => {
    const { gate, desk } = gateOf();
    const rolledBack = { code: 'transaction_rolled_back', rollsBack: true };
    expect(await gate.admit(heldBy('rollback'), clientOf().client)).toMatchObject(rolledBack);
    expect(desk.questions).toMatchObject([{ inTransaction: true, waits: false }]);
  });

  it('gives way to others who wait for what it holds, and says why', async () => {
    const { gate, desk } = gateOf();
    const { client, heard, yielding } = clientOf();
    const isAsked = desk.nextQuestion();
    const admitting = gate.admit(heldBy('hold'), client);
    await isAsked;
    await Promise.resolve();
    yielding.abort(new BrokerError('transaction_rolled_back', { detail: 'Others waited for 10 s.' }));
    const admission = await admitting;
    expect(admission).toMatchObject({ code: 'transaction_rolled_back', rollsBack: true });
    expect('detail' in admission && admission.detail).toMatch(
      /^Others waited for 10 s\. The statement needs an approval, /,
    );
    expect(heard).toEqual(['asked', 'pending']);
  });

  it('loses its transaction when its time is up, and keeps it when it is denied', async () => {
    const { gate, desk } = gateOf();
    for (const [state, rollsBack] of [
      ['timed-out', true],
      ['denied', undefined],
    ] as const) {
      const isAsked = desk.nextQuestion();
      const admitting = gate.admit(heldBy('hold'), clientOf().client);
      await isAsked;
      desk.settle('key', state);
      const admission = await admitting;
      expect('rollsBack' in admission ? admission.rollsBack : undefined).toBe(rollsBack);
      const [question] = desk.questions;
      if (state === 'timed-out' && question !== undefined) await desk.use((await desk.ask(question)).id);
    }
  });
});
