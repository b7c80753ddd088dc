import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AskingView, targetPage, targetSummaryView } from '../../src/contracts/grants/target.js';
import type { Role } from '../../src/domain/principal.js';
import { servers } from '../support/engines.js';
import { registerShop, type ShopTarget } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import type { DatabaseAddress } from '../support/servers/database-server.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker('default');
let engine: DatabaseAddress;
let shop: ShopTarget;
beforeAll(async () => {
  engine = servers().mariadb;
  shop = await registerShop(broker(), engine, {
    ttlSecondsMax: 900,
    privileges: ['SELECT', 'UPDATE'],
    sessionsMax: 4,
  });
});
afterAll(() => shop.drop());

describe('a target', () => {
  it('says to an agent what it may ask for, what runs at once and what waits', async () => {
    const asking = await askingOf();
    const access = [{ database: shop.database, privileges: ['SELECT'] }];
    expect(asking.withoutAccess).toEqual({ access, verdict: 'allow', why: '' });
    expect(asking.everything).toMatchObject({ access: [{ privileges: ['SELECT', 'UPDATE'] }], verdict: 'allow' });
    expect(asking.outlook).toMatchObject({
      access: [{ database: shop.database, runsAtOnce: ['SELECT'], waits: ['UPDATE'] }],
      holdSeconds: 600,
    });
    expect(asking.words).toBe(
      `A request without access gets SELECT on ${shop.database}.*, and opens at once. ` +
        `The most that one may ask for is SELECT, UPDATE on ${shop.database}.*; that opens at once. ` +
        `Its statements: Runs at once: SELECT on ${shop.database}. ` +
        `Waits for a person (people have 600 seconds): UPDATE on ${shop.database}. ` +
        'The client of a statement that waits gets its answer after the decision: set no short time limit on its reads.',
    );
  });

  it('says so as the policies stand at the moment, and tells it nobody else', async () => {
    await setPolicy(`
@id("ask") @approvers("dba") @hold("5m") @why("Changes are planned.")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };
@id("never") @why("This one is read only.")
forbid (principal, action == Action::"requestGrant", resource) when { context has writes && context.writes };`);
    const asking = await askingOf();
    expect(asking.everything).toMatchObject({ verdict: 'deny', why: 'This one is read only.' });
    expect(asking.words).toContain('is refused (This one is read only)');
    await setPolicy(null);
    expect((await askingOf()).everything?.verdict).toBe('allow');
    for (const role of ['operator', 'approver', 'reviewer'] as const) {
      const answer = await callAs(broker(), role, { path: `/v1/targets/${shop.name}` });
      expect(bodyOf(answer, z.looseObject({})), role).not.toHaveProperty('asking');
    }
  });
});

describe('the address itself', () => {
  it('gives a program links and the seven steps, without a credential and in any form that it takes', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const answer = await entrance('/', { accept });
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      const { firstSteps, ...rest } = z
        .looseObject({ firstSteps: z.array(z.string()) })
        .parse(JSON.parse(await answer.text()));
      expect(firstSteps).toHaveLength(7);
      expect(rest).not.toHaveProperty('targets');
    }
    for (const accept of ['text/plain', 'text/markdown, text/html;q=0.9, */*;q=0.1']) {
      const answer = await entrance('/', { accept });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
      expect(await answer.text()).toMatch(/^# Doorwarden\n\n> /);
    }
    const browser = await entrance('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    expect(browser.status).toBe(303);
  });

  it('is a guide for language models, whose links lead somewhere', async () => {
    const answer = await entrance('/llms.txt');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(answer.headers.get('vary')).toContain('Authorization');
    const text = await answer.text();
    expect(text).toContain(`${broker().api}/mcp`);
    for (const part of [
      '"tables":["orders"]',
      '`DATABASE_URL`',
      'MYSQL_HOME',
      '`mariadb --defaults-file=my.cnf` connects',
    ]) {
      expect(text).toContain(part);
    }
    for (const part of ['\n7. ', '/v1/targets', 'Idempotency-Key', 'onHold']) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain(shop.name);
    const links = [...text.matchAll(/\]\((http[^)]+)\)/g)].map(([, link]) => String(link));
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect((await fetch(link)).status, link).toBe(200);
  });

  it('tells an agent its name and what it may ask for', async () => {
    const text = await (await entrance('/llms.txt', { role: 'agent' })).text();
    expect(text).toContain('with the role agent.');
    const { words } = await askingOf();
    expect(text).toContain(`- **${shop.name}** (mariadb, database ${shop.database}; for 900 seconds at most`);
    expect(text).toContain(words);
    const body: unknown = JSON.parse(await (await entrance('/', { role: 'agent' })).text());
    const { targets } = z.looseObject({ targets: z.array(targetSummaryView) }).parse(body);
    expect(targets.find(({ name }) => name === shop.name)?.asking?.words).toBe(words);
  });

  it('says to anyone who is no agent that they ask for no grants', async () => {
    const text = await (await entrance('/llms.txt', { role: 'operator' })).text();
    expect(text).toContain('Only a principal with the role agent asks for grants');
    expect(text).not.toContain(shop.name);
  });

  it.each(['/', '/llms.txt'])('refuses at %s a key that is no good, as everywhere', async (path) => {
    const answer = await fetch(`${broker().api}${path}`, {
      headers: { authorization: 'Bearer dwk_00000000000000000000000000_no' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
  });
});

async function askingOf(): Promise<AskingView> {
  const page = bodyOf(await callAs(broker(), 'agent', { path: '/v1/targets' }), targetPage);
  const alone = bodyOf(
    await callAs(broker(), 'agent', { path: `/v1/targets/${shop.name}` }),
    targetSummaryView.strict(),
  );
  expect(page.items).toContainEqual(alone);
  if (!alone.asking) throw new Error('The target says nothing about asking');
  return alone.asking;
}

async function setPolicy(text: string | null): Promise<void> {
  const path = '/v1/policies/entrance';
  const answer =
    text === null
      ? await callAs(broker(), 'operator', { path, method: 'DELETE' })
      : await callAs(broker(), 'operator', { path, method: 'PUT', body: { text } });
  if (answer.status >= 300) throw new Error(`The policy was refused: ${JSON.stringify(answer.body)}`);
}

function entrance(
  path: string,
  { accept = '*/*', role }: { readonly accept?: string; readonly role?: Role } = {},
): Promise<Response> {
  const headers = role === undefined ? { accept } : { accept, authorization: `Bearer ${broker().keys[role]}` };
  return fetch(`${broker().api}${path}`, { headers, redirect: 'manual' });
}
