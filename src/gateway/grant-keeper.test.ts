import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CloseReason } from '../domain/grant.js';
import { newGatewayId, newGrantId } from '../domain/ids.js';
import type { GrantId } from '../kernel/brand.js';
import { systemClock } from '../kernel/clock.js';
import { BrokerError } from '../kernel/errors.js';
import { inScratch } from '../recording/testing/recordings.js';
import { GrantKeeper } from './grant-keeper.js';
import { GrantOpener } from './grant-opener.js';
import { PortPool } from './port-pool.js';
import type { CloseRequest, GrantAuthority, GrantOrder } from './ports.js';
import { OperationMeter } from './operation-meter.js';
import { say, TalkProtocol, type TalkWishes } from './talk.fixture.js';
import { protocolNamed } from '../domain/protocol-named.js';
import { NO_PROTOCOLS } from '../recording/recorded-protocol.js';

const HOST = '127.0.0.1';
const LEASE_MS = 60_000;
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** What is kept of grants, for one gateway: it notes what it is told, in order. */
class NotedAuthority implements GrantAuthority {
  readonly told: string[] = [];
  closing: CloseRequest[] = [];
  port = 0;
  isLeaseGone = false;
  readonly #order: GrantOrder;
  readonly #ended = Promise.withResolvers<void>();

  constructor(order: GrantOrder) {
    this.#order = order;
  }

  /** Resolves when the end of the grant is stored. */
  get marked(): Promise<void> {
    return this.#ended.promise;
  }

  async claim(id: GrantId): Promise<GrantOrder | undefined> {
    this.told.push('claim');
    return id === this.#order.id ? this.#order : undefined;
  }

  async activate(_: GrantId, { port }: { readonly port: number }): Promise<boolean> {
    this.told.push('activate');
    this.port = port;
    return true;
  }

  async refuse(_: GrantId, code: string): Promise<boolean> {
    this.told.push(`refuse ${code}`);
    return true;
  }

  async beginClose(_: GrantId, reason: CloseReason): Promise<boolean> {
    this.told.push(`close ${reason}`);
    return true;
  }

  async ended(): Promise<void> {
    this.told.push('ended');
    this.#ended.resolve();
  }

  credentialVerifier(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async renewLease(): ReturnType<GrantAuthority['renewLease']> {
    if (this.isLeaseGone) throw new BrokerError('gateway_stopping');
    return { closing: this.closing, drainAskedBy: undefined };
  }
}

interface Kept {
  readonly keeper: GrantKeeper;
  readonly authority: NotedAuthority;
  readonly order: GrantOrder;
  readonly talk: TalkProtocol;
  /** Whether the recording is there, and the types of its entries. */
  readonly isRecorded: () => boolean;
  readonly types: () => Promise<readonly unknown[]>;
  readonly leaseLost: Promise<void>;
}

/** A gateway with one grant to open, whose target speaks what the gateway knows unless another name is given. */
async function withKeeper(wishes: TalkWishes & { readonly protocol?: string }, work: (kept: Kept) => Promise<void>) {
  await inScratch(async (folder) => {
    const order = orderOn(wishes.protocol ?? 'talk');
    const talk = new TalkProtocol(wishes);
    const authority = new NotedAuthority(order);
    const gatewayId = newGatewayId();
    const lost = Promise.withResolvers<void>();
    const opener = new GrantOpener({
      gatewayId,
      authority,
      protocols: { named: (name) => protocolNamed([talk], name).serving },
      ports: new PortPool(HOST, { first: 42_000, last: 42_999 }),
      clock: systemClock,
      disk: { hasRoom: true },
      meter: new OperationMeter(),
      recordings: {
        liveDirectory: (id) => join(folder, id),
        durability: 'process',
        limits: {},
        protocols: NO_PROTOCOLS,
        discard: (id) => rm(join(folder, id), { recursive: true }),
      },
      log: QUIET,
    });
    const keeper = new GrantKeeper({
      gatewayId,
      publicHost: HOST,
      caPem: '',
      leaseMs: LEASE_MS,
      authority,
      opener,
      clock: systemClock,
      log: QUIET,
      drainMsLeft: () => null,
      onDrainAsked: () => {},
      onLeaseLost: lost.resolve,
    });
    const directory = join(folder, order.id);
    try {
      await work({
        keeper,
        authority,
        order,
        talk,
        isRecorded: () => existsSync(directory),
        async types() {
          const lines = (await readFile(join(directory, 'entries.jsonl'), 'utf8')).trimEnd().split('\n');
          return lines.map((line): unknown => Object(JSON.parse(line)).type);
        },
        leaseLost: lost.promise,
      });
    } finally {
      await keeper.stop(5_000);
    }
  });
}

function orderOn(protocol: string): GrantOrder {
  const report = {
    flavour: 'mysql' as const,
    version: '1',
    capabilities: 0,
    collation: 0,
    authPlugin: '',
    tls: null,
    checkedAt: '2026-01-31T12:00:00.000Z',
  };
  return {
    id: newGrantId(),
    principal: { id: 'p', name: 'bot', kind: 'agent' },
    task: { title: 'A test' },
    access: [],
    onHold: 'wait',
    deadlineMs: systemClock.nowMs() + 60_000,
    taskAccount: 'dw_test',
    database: null,
    sessionsMax: 2,
    target: {
      id: 't',
      name: 'talker',
      protocol,
      endpoint: { host: HOST, port: 1, tls: { mode: 'off' } },
      credentials: 'dynamic',
      login: { username: 'u', password: 'p' },
      labels: {},
      report,
    },
  };
}

it('a grant is claimed, prepared, made at its target, and only then active; its end goes the other way', async () => {
  await withKeeper({}, async ({ keeper, authority, order, talk, types }) => {
    await keeper.open(order.id);
    expect(authority.told).toEqual(['claim', 'activate']);
    const client = say(authority.port, 'in');
    expect(await client.first).toBe('session 1');
    expect([keeper.grantCount, keeper.sessionCount]).toEqual([1, 1]);

    authority.closing = [{ id: order.id, reason: 'revoked', by: 'ada' }];
    keeper.look();
    await keeper.untilEmpty();
    expect(await client.ended).toEqual(['session 1', 'end: grant_revoked']);
    expect(talk.targets.map(({ did }) => did)).toEqual([['make', 'start', 'close', 'end']]);
    expect(authority.told).toEqual(['claim', 'activate', 'close revoked', 'ended']);
    expect(await types()).toEqual(['grant.opened', 'session.opened', 'grant.closing', 'grant.closed']);
    expect(keeper.grantCount).toBe(0);
  });
});

it('a grant that another gateway has claimed is left alone', async () => {
  await withKeeper({}, async ({ keeper, authority, talk }) => {
    await keeper.open(newGrantId());
    expect(authority.told).toEqual(['claim']);
    expect(talk.targets).toEqual([]);
  });
});

it('a grant on a target of a protocol that the gateway does not have is refused, and nothing is left', async () => {
  await withKeeper({ protocol: 'gopher' }, async ({ keeper, authority, order, isRecorded }) => {
    await expect(keeper.open(order.id)).rejects.toMatchObject({
      code: 'protocol_unknown',
      detail: 'It is "gopher"; known are: talk.',
    });
    expect(authority.told).toEqual(['claim', 'refuse protocol_unknown']);
    expect(isRecorded()).toBe(false);
  });
});

it('what cannot be made at the target is taken back whole, and the grant is refused for that reason', async () => {
  const makeFails = new BrokerError('target_privileges_missing');
  await withKeeper({ makeFails }, async ({ keeper, authority, order, talk, isRecorded }) => {
    await expect(keeper.open(order.id)).rejects.toBe(makeFails);
    expect(talk.targets.map(({ did }) => did)).toEqual([['make', 'end', 'close']]);
    expect(authority.told).toEqual(['claim', 'refuse target_privileges_missing']);
    expect(isRecorded()).toBe(false);
    expect(keeper.grantCount).toBe(0);
  });
});

it('what cannot be taken back at once is ended again and again, and its recording is kept', async () => {
  const makeFails = new BrokerError('target_privileges_missing');
  await withKeeper({ makeFails, endFailures: 2 }, async ({ keeper, authority, order, talk, types }) => {
    await expect(keeper.open(order.id)).rejects.toBe(makeFails);
    expect(keeper.grantCount).toBe(1);
    await authority.marked;
    expect(talk.targets.map(({ did }) => did)).toEqual([['make', 'end', 'close', 'end', 'end']]);
    expect(authority.told).toEqual(['claim', 'close failed', 'close failed', 'ended']);
    expect(await types()).toEqual(['grant.opened', 'grant.closing', 'grant.closed']);
  });
});

it('a target that can hold the grant no longer ends it as failed', async () => {
  await withKeeper({}, async ({ keeper, authority, order, talk }) => {
    await keeper.open(order.id);
    const client = say(authority.port, 'in');
    await client.first;
    talk.breakLast(new Error('somebody came past the gateway'));
    expect(await client.ended).toEqual(['session 1', 'end: grant_failed']);
    await authority.marked;
    expect(authority.told).toEqual(['claim', 'activate', 'close failed', 'close failed', 'ended']);
  });
});

it('a gateway without its lease cuts everything and writes nothing more: the end belongs to the reaper', async () => {
  await withKeeper({}, async ({ keeper, authority, order, talk, types, leaseLost }) => {
    await keeper.open(order.id);
    const client = say(authority.port, 'in');
    await client.first;
    authority.isLeaseGone = true;
    keeper.look();
    await leaseLost;
    expect(await client.ended).toEqual(['session 1', 'end: grant_failed']);
    expect(talk.targets.map(({ did }) => did)).toEqual([['make', 'start', 'close', 'end']]);
    expect(authority.told).toEqual(['claim', 'activate']);
    expect(await types()).toEqual(['grant.opened', 'session.opened']);
    await expect(keeper.open(newGrantId())).rejects.toMatchObject({ code: 'gateway_stopping' });
  });
});
