import { describe, expect, it } from 'vitest';
import { approve } from '../support/approval-state.js';
import { EVERY_MS, idsIn, messageIdOf, MINUTE_MS, useDigests } from '../support/mail/digest-scene.js';
import { bringPerson, changePerson } from '../support/mail/known-people.js';
import { MailServer } from '../support/mail/mail-server.js';

const scene = useDigests();

describe('several workers', () => {
  it('send a digest once, and two at the same time to nobody', async () => {
    for (let number = 0; number < 5; number += 1) await bringPerson(scene.source, `p${number}@example.com`);
    await scene.ask();
    const workers = [scene.worker(), scene.worker(), scene.worker()];
    await Promise.all(workers.map(({ look }) => look()));
    await Promise.all(workers.map(({ look }) => look()));
    expect(scene.server.mails.flatMap(({ to }) => to).toSorted()).toEqual(
      [0, 1, 2, 3, 4].map((number) => `p${number}@example.com`),
    );
  });

  it('take over from one that died while it sent, with the same message id', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await scene.ask();
    await scene.digests.claim({
      personId: ann,
      last: null,
      approvals: (await scene.approvals.list({ limit: 1 })).map(({ id }) => id),
      everyMs: EVERY_MS,
    });
    const { look } = scene.worker();
    await look();
    expect(scene.server.mails).toEqual([]);
    await scene.passes(ann, 2 * MINUTE_MS);
    await look();
    expect(scene.server.mails.map(messageIdOf)).toEqual([`<digest.${ann}.1@example.com>`]);
  });
});

describe('a server that does not take it', () => {
  it('and is away is tried again: later each time, not for every person, and with what waits then', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await bringPerson(scene.source, 'bob@example.com');
    await scene.ask();
    await scene.server.close();
    const down = scene.worker();
    expect(await down.look()).toBe('server-away');
    expect(down.counts).toEqual({ repeated: 1 });
    expect(down.whys).toEqual(['The mail server cannot be reached (ECONNREFUSED).']);
    expect(down.waits()).toBe(1);
    const [digest] = await scene.digests.lastOf([ann]).then((found) => [...found.values()]);
    const nowMs = await scene.approvals.nowMs();
    expect((digest?.tryAtMs ?? 0) - nowMs).toBeGreaterThan(0);
    await scene.passes(ann, MINUTE_MS);
    await scene.ask();
    scene.server = await MailServer.start({ port: scene.server.port });
    const up = scene.worker();
    await up.look();
    await up.look();
    expect(scene.server.mails.flatMap(({ to }) => to).toSorted()).toEqual(['ann@example.com', 'bob@example.com']);
    expect(scene.server.to('ann@example.com').map((mail) => idsIn(mail).length)).toEqual([2]);
    expect(up.waits()).toBe(0);
  });

  it('and refuses one recipient for good gets that one no more, and the others', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await bringPerson(scene.source, 'bob@example.com');
    await scene.ask();
    scene.server.refusals.set('ann@example.com', 550);
    const { look, counts } = scene.worker();
    await look();
    await scene.passes(ann, 2 * MINUTE_MS);
    await look();
    expect(counts).toEqual({ sent: 1, 'given-up': 1 });
    expect(scene.server.mails.map(({ to }) => to)).toEqual([['bob@example.com']]);
  });

  it('and refuses one recipient for now gets it later, and the others at once', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await bringPerson(scene.source, 'bob@example.com');
    await scene.ask();
    scene.server.refusals.set('ann@example.com', 451);
    const { look, counts } = scene.worker();
    await look();
    expect(scene.server.mails.map(({ to }) => to)).toEqual([['bob@example.com']]);
    scene.server.refusals.clear();
    await scene.passes(ann, MINUTE_MS);
    await look();
    expect(scene.server.to('ann@example.com')).toHaveLength(1);
    expect(counts).toEqual({ sent: 2, repeated: 1 });
  });

  it('gets nothing any more when the question was decided meanwhile', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    const id = await scene.ask();
    scene.server.refusals.set('ann@example.com', 451);
    const { look, counts, waits } = scene.worker();
    await look();
    await scene.approvals.decide(approve(id));
    scene.server.refusals.clear();
    await scene.passes(ann, MINUTE_MS);
    await look();
    expect(scene.server.mails).toEqual([]);
    expect(counts).toEqual({ repeated: 1, 'given-up': 1 });
    expect(waits()).toBe(0);
  });

  it('nor for a person who may decide no more', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await scene.ask();
    scene.server.refusals.set('ann@example.com', 451);
    const { look } = scene.worker();
    await look();
    await changePerson(scene.source, ann, { disabledAtMs: 1 });
    scene.server.refusals.clear();
    await scene.passes(ann, MINUTE_MS);
    await look();
    expect(scene.server.mails).toEqual([]);
    expect(await scene.digests.countOpen()).toBe(0);
  });

  it('and never says that it took it gets the same message again, which its reader can tell', async () => {
    const ann = await bringPerson(scene.source, 'ann@example.com');
    await scene.ask();
    const stuck = Promise.withResolvers<void>();
    scene.server.onMail = () => stuck.promise;
    const { look } = scene.worker({ sendMsMax: 2_000 });
    expect(await look()).toBe('server-away');
    stuck.resolve();
    scene.server.onMail = async () => undefined;
    await scene.passes(ann, MINUTE_MS);
    await look();
    expect(scene.server.mails.map(messageIdOf)).toEqual([
      `<digest.${ann}.1@example.com>`,
      `<digest.${ann}.1@example.com>`,
    ]);
  });

  it('is left at once by a worker that stops, and another goes on without waiting', async () => {
    await bringPerson(scene.source, 'ann@example.com');
    await scene.ask();
    const stop = new AbortController();
    const stuck = Promise.withResolvers<void>();
    scene.server.onMail = async () => {
      stop.abort();
      await stuck.promise;
    };
    await scene.worker().look(stop.signal);
    stuck.resolve();
    scene.server.onMail = async () => undefined;
    await scene.worker().look();
    expect(scene.server.mails).toHaveLength(2);
  });
});
