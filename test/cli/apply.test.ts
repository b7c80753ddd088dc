import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer as bytesOf } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ClientOutcome } from '../support/clients/program.js';
import { doorwardenAs } from '../support/command-line.js';
import { servers } from '../support/engines.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { call, registerShop, type ShopTarget } from '../support/grants.js';
import { Screen } from '../support/screen.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
const ROOM = makeTemporaryFolder();
const TEXT = '@id("reads")\npermit (principal, action in Action::"read", resource);\n';
const RULES = '@id("all")\nforbid (principal, action in Action::"read", resource) when { false };\n';

let shop: ShopTarget;
let account: { host: string; port: number; username: string };
let folder: string;
let suffix: string;
beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  const { body } = await call<typeof account>(broker(), 'GET', `/v1/targets/${shop.name}`, asOperator());
  account = { host: body.host, port: body.port, username: body.username };
});
afterAll(async () => {
  await shop?.drop();
  await rm(ROOM, { recursive: true });
});
beforeEach(async () => {
  suffix = randomBytes(4).toString('hex');
  folder = join(ROOM, suffix);
  await mkdir(folder);
});
afterEach(async () => {
  for (const path of [`/v1/targets/orders-${suffix}`, `/v1/policies/p-${suffix}`]) {
    await call(broker(), 'DELETE', path, asOperator());
  }
});

function asOperator() {
  return { key: broker().keys.operator };
}

async function put(name: string, ...documents: readonly object[]): Promise<void> {
  await writeFile(join(folder, name), documents.map((document) => stringify(document)).join('---\n'));
}

function apply(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<ClientOutcome> {
  return doorwardenAs(broker(), 'operator', ['apply', '-f', folder, ...args], {
    env: { ORDERS_PASSWORD: shop.password, ...env },
  });
}

function target(spec: object = {}): object {
  const passwordFrom = { env: 'ORDERS_PASSWORD' };
  const tls = { mode: 'off' };
  return {
    kind: 'Target',
    name: `orders-${suffix}`,
    spec: { ...account, tls, passwordFrom, defaultDatabase: shop.database, ...spec },
  };
}

function policy(text: string): object {
  return { kind: 'Policy', name: `p-${suffix}`, spec: { text } };
}

interface Interposed {
  readonly url: string;
  readonly close: () => void;
}

/** The api, with something that happens right before the first call of this kind comes to it. */
async function startInterposed(
  api: string,
  { method, path, before }: { readonly method: string; readonly path: string; readonly before: () => Promise<void> },
): Promise<Interposed> {
  let hasHappened = false;
  const server = createServer((request, response) => {
    void (async () => {
      if (!hasHappened && request.method === method && request.url === path) {
        hasHappened = true;
        await before();
      }
      const body = await bytesOf(request);
      const answer = await fetch(`${api}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
        ...(body.length === 0 ? {} : { body }),
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('doorwarden apply', () => {
  it('shows what differs, does it, and has nothing to do the second time', async () => {
    await put('a.yaml', target({ labels: { stage: 'test' } }), policy(TEXT));
    const planned = await apply(['--dry-run'], { ORDERS_PASSWORD: '' });
    expect([planned.exitCode, planned.stderr]).toEqual([0, '']);
    expect(planned.stdout).toContain(`create Target orders-${suffix} (${folder}/a.yaml:1)\n  + host: ${account.host}`);
    expect(planned.stdout).toContain('sends the password from the environment variable ORDERS_PASSWORD');
    expect(planned.stdout).toMatch(/^2 to create, 0 to change, 0 to delete, 0 as they are\.$/m);
    const none = await call(broker(), 'GET', `/v1/targets/orders-${suffix}`, asOperator());
    expect(none.status).toBe(404);

    const first = await apply();
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(
      new RegExp(`Policy p-${suffix} is created\\.\nTarget orders-${suffix} is created\\.\n$`),
    );
    const again = await apply(['--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({
      changes: [
        { kind: 'Policy', action: 'keep', outcome: 'kept', difference: [] },
        { kind: 'Target', action: 'keep' },
      ],
    });
    for (const { stdout, stderr } of [planned, first, again]) expect(stdout + stderr).not.toContain(shop.password);
  });

  it('asks on a terminal, with the difference on the screen, and takes nothing but yes for a yes', async () => {
    await put('a.yaml', policy(TEXT));
    const env = { DOORWARDEN_API: broker().api, DOORWARDEN_API_KEY: broker().keys.operator };
    for (const [typed, said, exitCode] of [
      ['y', 'Nothing was done.', 130],
      ['yes', `Policy p-${suffix} is created.`, 0],
    ] as const) {
      const screen = new Screen(env, `apply -f ${folder}`);
      await screen.until(`create Policy p-${suffix}`);
      await screen.until('permit (principal, action in Action::"read", resource);');
      await screen.until('Apply these changes? yes or no:');
      screen.type(typed);
      await screen.until(said);
      expect(await screen.ended()).toBe(exitCode);
    }
    await put('a.yaml', policy(RULES));
    const piped = new Screen(env, `apply -f - < ${folder}/a.yaml`);
    await piped.until('so nobody can be asked. Add --yes.');
    expect(await piped.ended()).toBe(2);
  }, 90_000);

  it('changes what a document names and leaves the rest as it is', async () => {
    await put('a.yaml', target({ labels: { stage: 'test' }, limits: { ttlSecondsMax: 600 } }), policy(TEXT));
    await apply();
    await put('a.yaml', target({ limits: { sessionsMax: 3 } }), policy(`${TEXT}\n${RULES}`));
    const changed = await apply(['--reason', 'Merged'], { ORDERS_PASSWORD: '' }); // it is not sent, so it is not read
    expect(changed.exitCode).toBe(0);
    expect(changed.stdout).toContain('  -   sessionsMax: 16\n  +   sessionsMax: 3\n');
    const { body } = await call(broker(), 'GET', `/v1/targets/orders-${suffix}`, asOperator());
    expect(body).toMatchObject({ labels: { stage: 'test' }, limits: { ttlSecondsMax: 600, sessionsMax: 3 } });
    const { body: page } = await call(broker(), 'GET', `/v1/policies/p-${suffix}/versions?limit=1`, asOperator());
    expect(page).toMatchObject({ items: [{ reason: 'Merged', text: `${TEXT}\n${RULES}` }] });
    expect((await apply()).stdout).toBe('Nothing to do: 2 as they are.\n');
  });

  it('sends a password again where it is told to, or where the broker has forgotten it', async () => {
    await put('a.yaml', target());
    await apply();
    const wrong = await apply(['--secrets'], { ORDERS_PASSWORD: 'another one' });
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining('(target_login_refused)')]);
    expect(wrong.stderr).not.toContain('another one');
    expect((await apply(['--secrets'])).stdout).toContain(`Target orders-${suffix} is changed.`);
    await put('a.yaml', target({ username: 'someone-else', passwordFrom: undefined }));
    const elsewhere = await apply();
    expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([
      2,
      expect.stringContaining('password has to be given again'),
    ]);
  });

  it('refuses before anything is done what makes no sense, or what the broker would not take', async () => {
    await put('a.yaml', target(), policy('permit (principal, action in Action::"nothing", resource);'));
    const invalid = await apply();
    expect([invalid.exitCode, invalid.stderr]).toEqual([1, expect.stringContaining('so nothing was done. In p-')]);
    await put('a.yaml', target({ passwordFrom: { env: 'NOT_THERE' } }), policy(TEXT));
    const missing = await apply();
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining('NOT_THERE is not set')]);
    await put('a.yaml', target({ pasword: 'x' }), policy(TEXT));
    const unknown = await apply();
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('Unrecognized key: "pasword"')]);
    expect((await call(broker(), 'GET', `/v1/policies/p-${suffix}`, asOperator())).status).toBe(404);
  });

  it('stops at the first refusal, and says what was applied before it', async () => {
    await put('a.yaml', policy(TEXT), target({ port: 1 }), { kind: 'IdentityMapping', spec: { rules: [] } });
    const stopped = await apply();
    expect(stopped.exitCode).toBe(1);
    expect(stopped.stderr).toContain(`doorwarden apply: Target orders-${suffix}: `);
    expect(stopped.stderr).toContain('(target_unreachable)');
    expect(stopped.stderr).toContain(`Applied before it: Policy p-${suffix}.`);
    const told = await apply(['--json']);
    expect(JSON.parse(told.stdout)).toMatchObject({ changes: [{ outcome: 'kept' }, { outcome: 'refused' }, {}] });
    await put('a.yaml', policy(TEXT), target());
    expect((await apply()).stdout).toContain(`Target orders-${suffix} is created.`);
  });

  it('writes over nothing that somebody else has changed since the difference was shown', async () => {
    await put('a.yaml', target(), policy(TEXT));
    await apply();
    await put('a.yaml', target({ limits: { sessionsMax: 3 } }), policy(`${TEXT}\n${RULES}`));
    const meanwhile = (path: string, body: object) => async (): Promise<void> => {
      const method = path.startsWith('/v1/targets') ? 'PATCH' : 'PUT';
      expect((await call(broker(), method, path, { ...asOperator(), body })).status).toBe(200);
    };
    const policyPath = `/v1/policies/p-${suffix}`;
    const through = async (hook: () => Promise<void>): Promise<ClientOutcome> => {
      const api = await startInterposed(broker().api, { method: 'PUT', path: policyPath, before: hook });
      try {
        return await apply([], { DOORWARDEN_API: api.url });
      } finally {
        api.close();
      }
    };
    const stale = await through(meanwhile(policyPath, { text: RULES }));
    expect([stale.exitCode, stale.stderr]).toEqual([1, expect.stringContaining('(policy_changed)')]);
    expect(stale.stderr).toContain(`Nothing was applied before it. Not tried: Target orders-${suffix}.`);
    const moved = await through(meanwhile(`/v1/targets/orders-${suffix}`, { limits: { ttlSecondsMax: 61 } }));
    expect([moved.exitCode, moved.stderr]).toEqual([1, expect.stringContaining('Someone else has changed the target')]);
    expect(moved.stderr).toContain(`Applied before it: Policy p-${suffix}.`);
    const { body } = await call(broker(), 'GET', `/v1/targets/orders-${suffix}`, asOperator());
    expect(body).toMatchObject({ limits: { ttlSecondsMax: 61, sessionsMax: 16 } });
  });

  it('deletes only with --prune, and only of the kinds that the files have', async () => {
    await put('a.yaml', target(), policy(TEXT));
    await apply();
    const all = await doorwardenAs(broker(), 'operator', ['export', '--kind', 'Target', 'Policy', '--json']);
    const documents: readonly { kind: string; name: string; spec: { passwordFrom?: unknown } }[] = JSON.parse(
      all.stdout,
    );
    const others = documents.filter(({ name }) => !name.endsWith(suffix));
    await writeFile(join(folder, 'a.yaml'), JSON.stringify(others.filter(({ kind }) => kind === 'Policy')));
    expect((await apply()).stdout).toMatch(/^Nothing to do/);
    const pruned = await apply(['--prune']);
    expect(pruned.stdout).toMatch(new RegExp(`delete Policy p-${suffix}\n  - @id\\("reads"\\)\n`));
    expect(pruned.stdout).toContain(`Policy p-${suffix} is deleted.`);
    expect((await call(broker(), 'GET', `/v1/targets/orders-${suffix}`, asOperator())).status).toBe(200);
  });

  it('says which role may, and does nothing', async () => {
    await put('a.yaml', target(), policy(TEXT));
    for (const role of ['agent', 'approver', 'reviewer'] as const) {
      const refused = await doorwardenAs(broker(), role, ['apply', '-f', folder], { env: { ORDERS_PASSWORD: 'x' } });
      expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(/operator/)]);
    }
    expect((await call(broker(), 'GET', `/v1/policies/p-${suffix}`, asOperator())).status).toBe(404);
  });
});

describe('doorwarden export', () => {
  it('prints what apply has nothing to do with, and no secret', async () => {
    await put('a.yaml', target({ labels: { stage: 'test' }, limits: { databases: [shop.database] } }), policy(TEXT));
    await apply();
    for (const form of [[], ['--json']]) {
      const { exitCode, stdout } = await doorwardenAs(broker(), 'operator', ['export', ...form]);
      expect(exitCode).toBe(0);
      expect(stdout).not.toContain(shop.password);
      expect(stdout).toMatch(/ORDERS_[0-9A-F]{8}_PASSWORD/);
      const applied = await doorwardenAs(broker(), 'operator', ['apply', '-f', '-', '--prune'], { input: stdout });
      expect([applied.exitCode, applied.stdout]).toEqual([
        0,
        expect.stringMatching(/^Nothing to do: \d+ as they are\.\n$/),
      ]);
    }
  });
});
