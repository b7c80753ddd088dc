import { describe, expect, it } from 'vitest';
import { EmailRecipientRepository } from '../../src/persistence/email/email-recipient.repository.js';
import { NoticeChoiceRepository } from '../../src/persistence/email/notice-choice.repository.js';
import { emailToldEntity } from '../../src/persistence/entities/channels/email.js';
import { PersonRepository } from '../../src/persistence/identity/person.repository.js';
import { approve, approver } from '../support/approval-state.js';
import { DAY_MS, EVERY_MS, idsIn, messageIdOf, MINUTE_MS, ORIGIN, useDigests } from '../support/mail/digest-scene.js';
import { bringPeople, bringPerson, deleteProvider } from '../support/mail/known-people.js';

const scene = useDigests();

describe('a digest', () => {
  it('has all that waits for a person, and comes once', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    const [first, second] = [await scene.ask(), await scene.ask()];
    const { look, counts } = scene.worker();
    await look();
    await look();
    expect(scene.server.mails).toHaveLength(1);
    const [mail] = scene.server.mails;
    expect(mail?.to).toEqual(['ann@example.com']);
    expect(mail && idsIn(mail).toSorted()).toEqual([first, second].toSorted());
    expect(mail?.headers.get('subject')).toEqual(['Doorwarden: 2 questions wait for you']);
    expect(mail && messageIdOf(mail)).toBe(`<digest.${ann}.1@example.com>`);
    expect(mail?.headers.get('list-unsubscribe')).toEqual([`<${ORIGIN}/me>`]);
    expect(mail?.headers.get('auto-submitted')).toEqual(['auto-generated']);
    expect(mail?.raw).not.toContain('UPDATE');
    expect(counts).toEqual({ sent: 1 });
  });

  it('gathers what comes shortly after the first question', async () => {
    await bringPerson(scene.source, 'ann@example.com');
    const id = await scene.ask();
    const { look } = scene.worker({ gatherMs: MINUTE_MS });
    await look();
    expect(scene.server.mails).toEqual([]);
    await scene.source.query('UPDATE approvals SET asked_at = asked_at - ? WHERE id = ?', [MINUTE_MS, id]);
    await scene.ask();
    await look();
    expect(scene.server.mails.map((mail) => idsIn(mail).length)).toEqual([2]);
  });

  it('comes again only when something is new, and not within the time between two', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await scene.ask();
    const { look } = scene.worker();
    await look();
    await scene.ask();
    await look();
    expect(scene.server.mails).toHaveLength(1);
    await scene.passes(ann, EVERY_MS);
    await look();
    await scene.passes(ann, EVERY_MS);
    await look();
    expect(scene.server.mails.map((mail) => idsIn(mail).length)).toEqual([1, 2]);
    expect(scene.server.mails.map(messageIdOf)).toEqual([
      `<digest.${ann}.1@example.com>`,
      `<digest.${ann}.2@example.com>`,
    ]);
  });

  it('has nothing that is decided, or that the person has answered', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    const approvals = scene.approvals;
    const answered = await scene.ask({ quorum: 2 });
    await approvals.decide(approve(answered, null, { ...approver(), id: ann }));
    const decided = await scene.ask();
    await approvals.decide(approve(decided));
    const open = await scene.ask();
    await scene.worker().look();
    expect(scene.server.mails.map(idsIn)).toEqual([[open]]);
  });

  it('forgets what it told once nothing waits any more', async () => {
    await bringPerson(scene.source, 'ann@example.com');
    const id = await scene.ask();
    await scene.worker().look();
    await scene.digests.forgetSettled();
    expect(await scene.source.getRepository(emailToldEntity).count()).toBe(1);
    await scene.approvals.decide(approve(id));
    await scene.digests.forgetSettled();
    expect(await scene.source.getRepository(emailToldEntity).count()).toBe(0);
  });
});

describe('those are written to, and nobody else, that may decide', () => {
  it('of the groups that are asked, by the mapping or by an operator, and nobody for their own agent', async () => {
    await bringPerson(scene.source, 'dba@example.com', { mappedGroups: ['dba'] });
    await bringPerson(scene.source, 'given@example.com', { groups: ['dba'] });
    await bringPerson(scene.source, 'other@example.com', { mappedGroups: ['web'] });
    await bringPerson(scene.source, 'sponsor@example.com', { mappedGroups: ['dba'] });
    const sponsor = { name: 'sponsor@example.com', isClaim: true };
    await scene.ask({ approvers: ['dba'] }, { sponsor });
    await scene.worker().look();
    expect(scene.server.mails.flatMap(({ to }) => to).toSorted()).toEqual(['dba@example.com', 'given@example.com']);
    expect(scene.server.mails[0]?.text).toContain('bot, for sponsor@example[.]com (as its token claims) wants to run');
  });

  it('whatever sign-in the question wants: they sign in when they come to the page', async () => {
    await bringPerson(scene.source, 'ann@example.com');
    await scene.ask({ decideIn: 'web', reauthenticateSeconds: 60 });
    await scene.worker().look();
    expect(scene.server.mails).toHaveLength(1);
  });

  it.each([
    ['no verified address', null, {}],
    ['an address that is two', 'ann@example.com,eve@example.com', {}],
    ['an address with a header in it', 'ann@example.com\r\nBcc: eve@example.com', {}],
    ['another role', 'ann@example.com', { roles: ['reviewer' as const] }],
    ['a disabled principal', 'ann@example.com', { disabledAtMs: 1 }],
    ['a sign-in of long ago', 'ann@example.com', { signedInAtMs: Date.now() - 31 * DAY_MS }],
    ['no provider', 'ann@example.com', { provider: null }],
    ['another provider, which is not there', 'ann@example.com', { provider: 'gone' }],
    ['the kind of an agent', 'ann@example.com', { kind: 'agent' as const, roles: ['agent' as const] }],
  ])('and not with %s', async (_, email, changed) => {
    await bringPerson(scene.source, email, changed);
    await scene.ask();
    await scene.worker().look();
    expect(scene.server.mails).toEqual([]);
    expect(scene.server.connections).toBe(0);
  });

  it('while their provider is in force', async () => {
    await bringPerson(scene.source, 'ann@example.com');
    await deleteProvider(scene.source);
    await scene.ask();
    await scene.worker().look();
    expect(scene.server.mails).toEqual([]);
  });

  it('once each, however many principals they have, and where they signed in last', async () => {
    const old = await bringPerson(scene.source, 'old@example.com', {
      signedInAtMs: Date.now() - DAY_MS,
      mappedGroups: ['dba'],
    });
    const now = await bringPerson(scene.source, 'new@example.com');
    await new PersonRepository(scene.source).joinPersons(old, now);
    await scene.ask({ approvers: ['dba'] });
    await scene.worker().look();
    expect(scene.server.mails.map(({ to }) => to)).toEqual([['new@example.com']]);
  });

  it('unless they have switched digests off, by whichever of their principals, the last word counts', async () => {
    const [one, other] = [
      await bringPerson(scene.source, 'one@example.com'),
      await bringPerson(scene.source, 'two@example.com'),
    ];
    await new PersonRepository(scene.source).joinPersons(one, other);
    const choices = new NoticeChoiceRepository(scene.source);
    await choices.chooseEmail(other, 'off');
    await scene.ask();
    await scene.worker().look();
    expect(scene.server.mails).toEqual([]);
    await scene.source.query('UPDATE notice_choices SET changed_at = changed_at - 1000');
    await choices.chooseEmail(one, 'digest');
    await scene.worker().look();
    expect(scene.server.mails).toHaveLength(1);
  });

  it('more of them than are read at once', async () => {
    const addresses = Array.from({ length: 203 }, (_, index) => `p${index}@example.com`);
    const ids = await bringPeople(scene.source, addresses);
    const recipients = new EmailRecipientRepository(scene.source);
    const first = await recipients.list(DAY_MS, undefined);
    const second = await recipients.list(DAY_MS, first.next);
    expect([first.recipients.length, second.recipients.length, second.next]).toEqual([200, 3, undefined]);
    const found = [...first.recipients, ...second.recipients].map(({ personId }) => personId);
    expect(found.toSorted()).toEqual(ids.toSorted());
  });
});
