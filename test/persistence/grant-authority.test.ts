import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GrantState } from '../../src/domain/grant.js';
import { newGatewayId, newGrantId, newId } from '../../src/domain/ids.js';
import type { GatewayId, GrantId, TargetId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { EnvelopeKey, sealPassword } from '../../src/keys/envelope.js';
import { makeJwkText, parsePrivateJwk } from '../../src/keys/okp-jwk.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { targetEntity } from '../../src/persistence/entities/grants/target.js';
import { GatewayNameTakenError, GatewayRepository } from '../../src/persistence/processes/gateway.repository.js';
import { DatabaseGrantAuthority } from '../../src/persistence/grants/grant-authority.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import type { NewGrant } from '../../src/persistence/grants/new-grant.js';
import { credentialVerifierOf } from '../../src/protocols/mysql/wire/login/auth.js';
import { verifierOf } from '../../src/protocols/mysql/verifier.js';
import { type OwnDatabase, makeDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';

const LEASE_SECONDS = 30;
const envelopeKey = new EnvelopeKey(await parsePrivateJwk(makeJwkText('X25519'), 'X25519', 'the test'));
const hour = 3_600_000;

let database: OwnDatabase;
let source: DataSource;
let grants: GrantRepository;
let gateways: GatewayRepository;
let authority: DatabaseGrantAuthority;
let gateway: GatewayId;
let targetId: TargetId;
const announced: (readonly [GrantId, GrantState])[] = [];

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  grants = new GrantRepository(source);
  gateways = new GatewayRepository(source);
  authority = new DatabaseGrantAuthority({
    dataSource: source,
    envelopeKey,
    clock: systemClock,
    leaseSeconds: LEASE_SECONDS,
    announce: (id, state) => announced.push([id, state]),
    requestSeal: () => undefined,
  });
  gateway = await gateways.start('one', LEASE_SECONDS);
  targetId = await insertTarget();
});

afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

beforeEach(() => {
  announced.length = 0;
});

async function insertTarget(): Promise<TargetId> {
  const id = newId() as TargetId;
  const label = { targetId: id, host: '127.0.0.1', port: 3306, tls: { mode: 'off' }, username: 'provisioner' } as const;
  await source.getRepository(targetEntity).insert({
    id,
    name: 'shop',
    revision: 1,
    host: label.host,
    port: label.port,
    tls: label.tls,
    credentials: 'dynamic',
    username: label.username,
    sealedPassword: await sealPassword('a password', label, envelopeKey.publicJwk),
    defaultDatabase: 'shop',
    labels: {},
    limits: { ttlSecondsMax: 3600, sessionsMax: 16 },
    report: { flavour: 'mariadb', version: '10.11', tls: null, checkedAt: '2026-01-01T00:00:00Z' },
    createdAtMs: Date.now(),
  });
  return id;
}

async function insertGrant(changed: Partial<NewGrant> = {}): Promise<GrantId> {
  const id = newGrantId();
  await grants.insert({
    id,
    principalId: newId(),
    principalName: 'bot',
    principalKind: 'agent',
    sponsor: null,
    taskTitle: 'Count the orders',
    taskReference: null,
    targetId,
    targetName: 'shop',
    protocol: 'mysql',
    access: [{ database: 'shop', privileges: ['SELECT'] }],
    database: 'shop',
    ttlSeconds: 3600,
    onHold: 'wait',
    deadlineAtMs: Date.now() + hour,
    taskAccount: `dw_${randomBytes(10).toString('hex')}`,
    verifier: { protocol: 'mysql' },
    requestedAtMs: Date.now(),
    ...changed,
  });
  return id;
}

const endpoint = { host: '127.0.0.1', port: 33100, caPem: 'PEM' };

async function activeGrant(): Promise<GrantId> {
  const id = await insertGrant();
  await authority.claim(id, gateway);
  await authority.activate(id, endpoint);
  return id;
}

async function stateOf(id: GrantId): Promise<GrantState | undefined> {
  return (await grants.find(id))?.state;
}

describe('a claim', () => {
  it("gives one of many gateways the order with the target's password in the clear", async () => {
    const id = await insertGrant();
    const orders = await Promise.all(Array.from({ length: 10 }, () => authority.claim(id, newGatewayId())));
    const won = orders.filter((order) => order !== undefined);
    expect(won).toHaveLength(1);
    expect(won[0]).toMatchObject({
      id,
      database: 'shop',
      task: { title: 'Count the orders' },
      target: { name: 'shop', login: { username: 'provisioner', password: 'a password' } },
    });
  });

  it('is refused past the deadline and after the request was cancelled', async () => {
    const late = await insertGrant({ deadlineAtMs: Date.now() - 1000 });
    expect(await authority.claim(late, gateway)).toBeUndefined();
    const cancelled = await insertGrant();
    expect(await grants.cancelUntaken(cancelled, 'gateway_unavailable')).toBe(true);
    expect(await authority.claim(cancelled, gateway)).toBeUndefined();
    expect(await stateOf(cancelled)).toBe('refused');
  });

  it('cannot be cancelled', async () => {
    const id = await insertGrant();
    await authority.claim(id, gateway);
    expect(await grants.cancelUntaken(id, 'gateway_unavailable')).toBe(false);
  });
});

describe('the states of a grant', () => {
  it('are moved through once each, and every change is announced', async () => {
    const id = await activeGrant();
    expect(await authority.activate(id, endpoint)).toBe(false);
    expect(await authority.refuse(id, 'open_failed', undefined)).toBe(false);
    expect(await authority.beginClose(id, 'expired')).toBe(true);
    expect(await authority.beginClose(id, 'failed')).toBe(false);
    await authority.ended(id);
    expect(announced).toEqual([
      [id, 'active'],
      [id, 'closing'],
    ]);
    expect(await grants.find(id)).toMatchObject({ state: 'closing', closeReason: 'expired', endpointPort: 33100 });
  });

  it('go from requested to refused when a gateway could not open it', async () => {
    const id = await insertGrant();
    await authority.claim(id, gateway);
    expect(await authority.refuse(id, 'target_unreachable', 'It did not answer.')).toBe(true);
    expect(await grants.find(id)).toMatchObject({ state: 'refused', refuseCode: 'target_unreachable' });
  });

  it('go to closing for exactly one of many who close it', async () => {
    const id = await activeGrant();
    const closes = Array.from({ length: 20 }, () => grants.close(id, 'completed', 'bot', Date.now()));
    expect((await Promise.all(closes)).filter(Boolean)).toHaveLength(1);
  });

  it('go from requested straight to refused when nobody has taken it, else to closing', async () => {
    const untaken = await insertGrant();
    expect(await grants.close(untaken, 'completed', 'bot', Date.now())).toBe(true);
    expect(await grants.find(untaken)).toMatchObject({ state: 'refused', refuseCode: 'grant_completed' });
    const taken = await insertGrant();
    await authority.claim(taken, gateway);
    expect(await grants.close(taken, 'revoked', 'operator', Date.now())).toBe(true);
    expect(await grants.find(taken)).toMatchObject({ state: 'closing', refuseCode: null, closedBy: 'operator' });
    expect(await authority.activate(taken, endpoint)).toBe(false);
  });
});

describe("the connection's verifier", () => {
  it('is there only once the connection was shown, and is shown once', async () => {
    const id = await activeGrant();
    expect(await authority.credentialVerifier(id)).toBeUndefined();
    const verifier = verifierOf(credentialVerifierOf('a password'));
    expect(await grants.takeConnection(id, Date.now(), verifier)).toBe(true);
    expect(await grants.takeConnection(id, Date.now(), verifier)).toBe(false);
    expect(await authority.credentialVerifier(id)).toEqual(verifier);
    await grants.clearVerifier(id);
    expect(await authority.credentialVerifier(id)).toEqual(verifier);
  });
});

describe('the lease of a gateway', () => {
  it('tells which of its grants someone asked to close', async () => {
    const own = await gateways.start('two', LEASE_SECONDS);
    const id = await insertGrant();
    await authority.claim(id, own);
    await authority.activate(id, endpoint);
    expect((await authority.renewLease(own, null)).closing).toEqual([]);
    await grants.close(id, 'revoked', 'operator', Date.now());
    expect((await authority.renewLease(own, null)).closing).toEqual([{ id, reason: 'revoked', by: 'operator' }]);
    await authority.ended(id);
    expect((await authority.renewLease(own, null)).closing).toEqual([]);
  });

  it('is lost to a gateway that starts under the same name once it is silent, for good', async () => {
    const before = await gateways.start('three', LEASE_SECONDS);
    await gateways.start('three', LEASE_SECONDS);
    await expect(authority.renewLease(before, null)).rejects.toMatchObject({ code: 'gateway_stopping' });
  }, 20_000);

  it('is kept by one that is alive: another one of its name is refused, and ends nothing', async () => {
    const alive = await gateways.start('six', LEASE_SECONDS);
    const renewing = setInterval(() => void authority.renewLease(alive, null), 100);
    try {
      await expect(gateways.start('six', LEASE_SECONDS)).rejects.toBeInstanceOf(GatewayNameTakenError);
      await expect(authority.renewLease(alive, null)).resolves.toMatchObject({ closing: [] });
    } finally {
      clearInterval(renewing);
    }
  }, 20_000);

  it('is had by one of several that start under one name in the same moment', async () => {
    // Who has begun renews its lease: one that looks a moment later must not take it for silent.
    const renewing: NodeJS.Timeout[] = [];
    const start = async (): Promise<void> => {
      const first = await gateways.start('seven', LEASE_SECONDS);
      renewing.push(setInterval(() => void authority.renewLease(first, null), 100));
    };
    try {
      const starts = await Promise.allSettled(Array.from({ length: 5 }, start));
      const refused = starts.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused).toEqual(Array.from({ length: 4 }, () => expect.any(GatewayNameTakenError)));
    } finally {
      for (const timer of renewing) clearInterval(timer);
    }
  }, 20_000);

  it('is lost when it ran out longer ago than the margin, and not before', async () => {
    const dead = await gateways.start('four', -10);
    expect(await gateways.giveUpDead(60)).toBe(0);
    await authority.renewLease(dead, null);
    const deader = await gateways.start('five', -10);
    expect(await gateways.giveUpDead(5)).toBe(1);
    await expect(authority.renewLease(deader, null)).rejects.toMatchObject({ code: 'gateway_stopping' });
  });
});

describe('the list of grants', () => {
  it('is cut by principal, target, state, time and cursor, the newest first', async () => {
    const principalId = newId();
    const from = Date.now();
    const ids = [];
    for (let count = 0; count < 3; count += 1) ids.push(await insertGrant({ principalId }));
    const filter = { principalId, limit: 10 };
    const listed = async (more: object) => (await grants.list({ ...filter, ...more })).map((grant) => grant.id);
    expect(new Set(await listed({ fromMs: from, toMs: Date.now() + 1 }))).toEqual(new Set(ids));
    expect(await listed({ toMs: from })).toEqual([]);
    expect(await listed({ state: 'active' })).toEqual([]);
    expect(await listed({ targetName: 'other' })).toEqual([]);
    const all = await listed({});
    expect(all).toEqual([...all].sort().toReversed());
    expect(await listed({ before: all[0] })).toEqual(all.slice(1));
  });
});
