import { expect, it } from 'vitest';
import type { ApprovalSummaryView } from '../../contracts/approval.js';
import { ENDED, ApprovalInbox, SETTLED } from './approval-inbox.js';
import { approvalFixture } from './approval.fixture.js';

function change(id: string, allowed = true): ApprovalSummaryView {
  return { ...approvalFixture, id, canDecide: { allowed, code: null, why: null } };
}

it('gives what can be decided, one after the other, each once', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  inbox.take(change('no', false));
  inbox.take(change('two'));
  expect((await inbox.next())?.id).toBe('one');
  inbox.put('one');
  inbox.take(change('one'));
  expect((await inbox.next())?.id).toBe('two');
});

it('waits for one to come', async () => {
  const inbox = new ApprovalInbox();
  const next = inbox.next();
  inbox.take(change('one'));
  expect((await next)?.id).toBe('one');
});

it('takes away what was settled elsewhere, and says so to whoever is asked about it', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  inbox.take(change('two'));
  const asked = await inbox.next();
  inbox.take(change('two', false));
  expect(asked?.over.aborted).toBe(false);
  inbox.take(change('one', false));
  expect(asked?.over.reason).toBe(SETTLED);
  inbox.put('one');
  inbox.take(change('three'));
  expect((await inbox.next())?.id).toBe('three');
});

it('ends what is asked and what is waited for when it is closed', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  const asked = await inbox.next();
  inbox.close();
  expect(asked?.over.reason).toBe(ENDED);
  expect(await inbox.next()).toBeUndefined();
});
