import { expect, it } from 'vitest';
import { ApprovalInbox, CHANGED, ENDED, SETTLED } from './approval-inbox.js';

function change(id: string, { allowed = true, revision = 1 } = {}) {
  return { id, revision, canDecide: { allowed, code: null, why: null } };
}

it('gives what can be decided, one after the other, each once', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  inbox.take(change('no', { allowed: false }));
  inbox.take(change('two'));
  expect(await inbox.next()).toBe('one');
  inbox.put('one');
  inbox.take(change('one'));
  expect(await inbox.next()).toBe('two');
});

it('waits for one to come', async () => {
  const inbox = new ApprovalInbox();
  const next = inbox.next();
  inbox.take(change('one'));
  expect(await next).toBe('one');
});

it('takes away what was settled elsewhere, and says so to the one who is asked about it', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  inbox.take(change('two'));
  const over = inbox.show(change('one'));
  inbox.take(change('two', { allowed: false }));
  expect(over.aborted).toBe(false);
  inbox.take(change('one', { allowed: false }));
  expect(over.reason).toBe(SETTLED);
  inbox.put('one');
  inbox.take(change('three'));
  expect(await inbox.next()).toBe('three');
});

it('says that what is shown has changed, also when it did before it was shown', () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  const over = inbox.show(change('one'));
  inbox.take(change('one'));
  expect(over.aborted).toBe(false);
  inbox.take(change('one', { revision: 2 }));
  expect(over.reason).toBe(CHANGED);
  expect(inbox.show(change('one')).reason).toBe(CHANGED);
  expect(inbox.show(change('one', { revision: 2 })).aborted).toBe(false);
});

it('takes away what was settled while the connection was lost', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  inbox.take(change('two'));
  const over = inbox.show(change('one'));
  inbox.takeAll([change('three')]);
  expect(over.reason).toBe(SETTLED);
  expect(await inbox.next()).toBe('three');
});

it('ends what is asked and what is waited for when it is closed', async () => {
  const inbox = new ApprovalInbox();
  inbox.take(change('one'));
  const over = inbox.show(change('one'));
  inbox.close();
  expect(over.reason).toBe(ENDED);
  expect(await inbox.next()).toBeUndefined();
});
