import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApprovalId, newId, newPrincipalId } from '../../src/domain/ids.js';
import { slackInteractionEntity } from '../../src/persistence/entities/channels/slack-interaction.js';
import { SlackInteractionRepository } from '../../src/persistence/slack/slack-interaction.repository.js';
import { SlackLinkRepository } from '../../src/persistence/slack/slack-link.repository.js';
import { createStateSource, migrate, type StateSource } from '../../src/persistence/state/data-source.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { engines } from '../support/engines.js';

const MINUTE_MS = 60_000;

describe.each(engines())('what Slack has brought, on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let source: StateSource;
  let interactions: SlackInteractionRepository;
  let links: SlackLinkRepository;

  beforeAll(async () => {
    database = await makeDatabase(engine);
    source = await createStateSource(database.url).initialize();
    await migrate(source, []);
    interactions = new SlackInteractionRepository(source);
    links = new SlackLinkRepository(source);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const made = (same = newId()) => ({
    id: newId(),
    sameKey: hash(same),
    team: 'T1',
    user: 'U1',
    asked: { kind: 'deny', approval: newApprovalId(), revision: 2, reason: 'No' } as const,
    place: { channel: 'C1', message: null, responseUrl: null },
  });
  /** As if its claim had run out. */
  const lapse = (id: string) => source.getRepository(slackInteractionEntity).update({ id }, { claimedUntilMs: 0 });

  it('is accepted once, however often it comes', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => interactions.accept(made('the same'))));
    expect(all.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  it('is worked on by one at a time, and only the last one who began can end it', async () => {
    const row = made();
    const first = await interactions.accept(row);
    if (first === undefined) throw new Error('It is the first of its kind');
    expect(await interactions.claim(row.id)).toBeUndefined();
    await lapse(row.id);
    expect(await interactions.due(10)).toContain(row.id);
    const claims = await Promise.all([1, 2, 3].map(() => interactions.claim(row.id)));
    const [second] = claims.filter((claim) => claim !== undefined);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(second).toMatchObject({ attempt: 2, row: { asked: row.asked, place: row.place, state: 'accepted' } });
    expect(await interactions.settle(first, null)).toBe(false);
    expect(await interactions.settle({ id: row.id, attempt: 2 }, { code: 'approval_timed_out' })).toBe(true);
    expect(await interactions.settle({ id: row.id, attempt: 2 }, null)).toBe(false);
    await interactions.done(first);
    expect((await interactions.find(row.id))?.row).toMatchObject({
      state: 'settled',
      answer: { code: 'approval_timed_out' },
    });
    await interactions.done({ id: row.id, attempt: 2 });
    expect((await interactions.find(row.id))?.row).toMatchObject({ state: 'done', asked: null, place: null });
    await lapse(row.id);
    expect(await interactions.due(10)).not.toContain(row.id);
  });

  it('is forgotten after a day, and says meanwhile how old it is', async () => {
    const row = made();
    await interactions.accept(row);
    const age = (await interactions.find(row.id))?.ageMs ?? -1;
    expect(age).toBeGreaterThanOrEqual(0);
    await interactions.forgetOld();
    expect(await interactions.find(row.id)).toBeDefined();
    const old = { acceptedAtMs: Date.now() - 25 * 60 * MINUTE_MS };
    await source.getRepository(slackInteractionEntity).update({ id: row.id }, old);
    await interactions.forgetOld();
    expect(await interactions.find(row.id)).toBeUndefined();
  });

  it('links one account to one principal, by the last code and once', async () => {
    const [one, other] = [newPrincipalId(), newPrincipalId()];
    await links.insertCode(hash('old'), one, MINUTE_MS);
    await links.insertCode(hash('new'), one, MINUTE_MS);
    await links.insertCode(hash('late'), other, -1);
    expect(await links.takeCode(hash('old'))).toBeUndefined();
    expect(await links.takeCode(hash('late'))).toBeUndefined();
    const taken = await Promise.all([1, 2, 3].map(() => links.takeCode(hash('new'))));
    expect(taken.filter((id) => id === one)).toHaveLength(1);

    const account = { team: 'T1', user: 'U1' };
    expect(await links.insert(account, one)).toBe(true);
    expect(await links.insert(account, other)).toBe(false);
    expect(await links.insert({ team: 'T1', user: 'U2' }, one)).toBe(false);
    expect(await links.find(account)).toMatchObject({ principalId: one });
    expect(await links.find({ team: 'T1', user: 'u1' })).toBeUndefined();
    expect(await links.deleteOf(one)).toBe(true);
    expect(await links.deleteOf(one)).toBe(false);
    expect(await links.findOf(one)).toBeUndefined();
  });
});
