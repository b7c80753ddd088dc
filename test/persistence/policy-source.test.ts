import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PolicySignals } from '../../src/control/policies/policy-signals.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createStateSource, migrate } from '../../src/persistence/state/data-source.js';
import { PolicyReader } from '../../src/persistence/policies/policy-reader.js';
import { DatabasePolicySource, type PolicySourceOptions } from '../../src/persistence/policies/policy-source.js';
import { PolicyRepository } from '../../src/persistence/policies/policy.repository.js';
import { ECHO_VOCABULARY } from '../support/echo/vocabulary.js';
import { SQL_VOCABULARY } from '../../src/protocols/sql/policy/vocabulary.js';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { compilePolicies, policyVersionOf } from '../../src/policy/policy-set.js';
import { policyChannel } from '../../src/queue/jobs.js';
import { type OwnDatabase, makeDatabase } from '../support/databases.js';
import { engines, servers } from '../support/engines.js';
import { type TripwireProxy, startTripwireProxy } from '../support/tripwire-proxy.js';

const NEVER_MS = 3_600_000;
const IN_FORCE_MS = 45_000;
const READS = 'permit(principal, action == Action::"read", resource);';

describe.each(engines())('policies in the state database on $flavour $version', (engine) => {
  let database: OwnDatabase;
  let proxy: TripwireProxy;
  let direct: DataSource;
  let proxied: DataSource;
  let repository: PolicyRepository;
  const sources: DatabasePolicySource[] = [];
  const errors: string[] = [];

  beforeAll(async () => {
    database = await makeDatabase(engine);
    direct = await createStateSource(database.url).initialize();
    await migrate(direct, [SQL_VOCABULARY.defaults]);
    proxy = await startTripwireProxy(engine);
    const url = new URL(database.url);
    url.port = String(proxy.port);
    proxied = await createStateSource(url.href).initialize();
    repository = new PolicyRepository(direct);
  });
  afterEach(() => {
    for (const source of sources.splice(0)) source.close();
    errors.length = 0;
    proxy.mend();
  });
  afterAll(async () => {
    await direct?.destroy();
    await proxied?.destroy();
    await proxy?.close();
    await database?.drop();
  });

  async function follow(over: Partial<PolicySourceOptions> = {}): Promise<DatabasePolicySource> {
    const source = await DatabasePolicySource.start({
      repository,
      vocabularies: [SQL_VOCABULARY],
      clock: systemClock,
      staleSeconds: 5,
      log: { info: () => undefined, error: ({ reason }) => errors.push(String(reason)) },
      ...over,
    });
    sources.push(source);
    return source;
  }

  /** Writes a policy and gives the version of all of them. */
  async function write(name: string, text: string | null): Promise<string> {
    const { revision } = await repository.read();
    expect(await repository.change(revision, { name, text, by: 'ann', atMs: systemClock.nowMs(), reason: null })).toBe(
      revision + 1,
    );
    return policyVersionOf((await repository.read()).policies);
  }

  it('begin with the default ones', async () => {
    const { revision, policies } = await repository.read();
    expect(revision).toBe(1);
    expect(policies).toMatchObject([{ name: 'default', text: DEFAULT_POLICY_TEXT, revision: 1, updatedBy: null }]);
    expect((await follow()).current()?.version).toBe(compilePolicies(policies, [SQL_VOCABULARY]).version);
  });

  it('stay without them once they are deleted, and every version is kept', async () => {
    await write('default', null);
    await migrate(direct, [SQL_VOCABULARY.defaults]);
    expect((await repository.read()).policies).toEqual([]);
    expect(await repository.versions('default', { before: undefined, limit: 10 })).toMatchObject([
      { revision: 2, text: null, changedBy: 'ann' },
      { revision: 1, text: DEFAULT_POLICY_TEXT, changedBy: null },
    ]);
  });

  it('get those of a protocol that an upgrade brings, once', async () => {
    const upgrade = () => migrate(direct, [SQL_VOCABULARY.defaults, ECHO_VOCABULARY.defaults]);
    await upgrade();
    expect((await repository.read()).policies).toMatchObject([{ name: 'default-echo', updatedBy: null }]);
    await write('default-echo', null);
    await upgrade();
    expect((await repository.read()).policies).toEqual([]);
  });

  it('are changed by one of those who change the same revision, and by no other', async () => {
    const { revision } = await repository.read();
    const changes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        repository.change(revision, { name, text: READS, by: name, atMs: 1, reason: null }),
      ),
    );
    expect(changes.filter((change) => change !== undefined)).toEqual([revision + 1]);
    const { policies } = await repository.read();
    expect(policies).toHaveLength(1);
    await write(policies[0]?.name ?? '', null);
  });

  it('are in force at once when a message says that they changed', async () => {
    const prefix = `test-${randomBytes(6).toString('hex')}`;
    const listening = new Redis(servers().redis.url);
    const telling = new Redis(servers().redis.url);
    try {
      const source = await follow({ lookMs: NEVER_MS });
      await telling.ping();
      await listening.subscribe(policyChannel(prefix));
      listening.on('message', () => void source.look());
      const version = await write('told', READS);
      expect(source.current()?.version).not.toBe(version);
      new PolicySignals(telling, prefix, { debug: () => undefined }).changed(2);
      await vi.waitFor(() => expect(source.current()?.version).toBe(version), { timeout: IN_FORCE_MS, interval: 5 });
    } finally {
      listening.disconnect();
      telling.disconnect();
    }
  });

  it('are in force soon when no message comes', async () => {
    const source = await follow();
    const version = await write('asked', READS);
    await vi.waitFor(() => expect(source.current()?.version).toBe(version), { timeout: IN_FORCE_MS, interval: 5 });
  });

  it('are the same object as long as nothing changed', async () => {
    const source = await follow({ lookMs: NEVER_MS });
    const first = source.current();
    await source.look();
    expect(source.current()).toBe(first);
  });

  it('that are changed while a look is under way are seen by the look that follows', async () => {
    const source = await follow({ lookMs: NEVER_MS });
    const under = source.look();
    const version = await write('meanwhile', READS);
    await source.look();
    expect(source.current()?.version).toBe(version);
    await under;
  });

  it('are unknown once the last look that succeeded is too long ago, and known again after the next', async () => {
    let nowUs = 0;
    const source = await follow({
      repository: new PolicyRepository(proxied),
      clock: { monotonicUs: () => nowUs },
      lookMs: NEVER_MS,
    });
    proxy.cut();
    nowUs = 5_000_000;
    await source.look();
    expect(errors).toEqual([expect.stringContaining('state_unavailable')]);
    expect(source.current()).toBeDefined();
    nowUs = 5_000_001;
    expect(source.current()).toBeUndefined();
    proxy.mend();
    await vi.waitFor(
      async () => {
        await source.look();
        expect(source.current()).toBeDefined();
      },
      { timeout: 45_000 },
    );
  });

  it('are unknown from the start without the state database', async () => {
    proxy.cut();
    const source = await follow({ repository: new PolicyRepository(proxied), lookMs: NEVER_MS });
    expect(source.current()).toBeUndefined();
  });

  it('that no longer fit the schema are not taken, and what was in force is so until it is stale', async () => {
    let nowUs = 0;
    const source = await follow({ clock: { monotonicUs: () => nowUs }, lookMs: NEVER_MS });
    const before = source.current();
    await write('broken', 'permit(principal, action == Action::"fly", resource);');
    nowUs = 1_000_000;
    await source.look();
    expect(source.current()).toBe(before);
    expect(errors).toEqual([expect.stringContaining('policy_invalid')]);
    nowUs = 5_000_001;
    expect(source.current()).toBeUndefined();
    await expect(new PolicyReader(repository, [SQL_VOCABULARY]).read()).rejects.toMatchObject({
      code: 'policy_invalid',
    });
    await write('broken', null);
  });

  it('are unknown after the end', async () => {
    const source = await follow();
    source.close();
    await source.look();
    expect(source.current()).toBeUndefined();
  });
});
