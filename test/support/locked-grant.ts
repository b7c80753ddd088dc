import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Access } from '../../src/protocols/sql/access.js';
import { newGatewayId, newGrantId, newId } from '../../src/domain/ids.js';
import { AdminPool } from '../../src/protocols/mysql/account/admin-pool.js';
import { SharedCatalogs } from '../../src/protocols/mysql/catalog/shared-catalogs.js';
import { OperationMeter } from '../../src/gateway/operation-meter.js';
import { makeAuthority, openEndpointTls } from '../../src/gateway/certificate-authority.js';
import type { GatewayProtocol } from '../../src/gateway/gateway-protocol.js';
import { GrantKeeper } from '../../src/gateway/grant-keeper.js';
import { GrantOpener } from '../../src/gateway/grant-opener.js';
import { ServingProtocols } from '../../src/gateway/serving-protocols.js';
import { MYSQL_GATEWAY } from '../../src/protocols/mysql/gateway.js';
import { GrantGuard } from '../../src/protocols/mysql/grant/grant-guard.js';
import type { SessionStatement } from '../../src/protocols/mysql/held/gated-statement.js';
import { mysqlOrderOf } from '../../src/protocols/mysql/grant-order.js';
import { MysqlGrant } from '../../src/protocols/mysql/grant/mysql-grant.js';
import { verifierOf } from '../../src/protocols/mysql/verifier.js';
import { inspectTarget } from '../../src/protocols/mysql/account/inspect.js';
import type { GrantAuthority, GrantOrder, PolicySource } from '../../src/gateway/ports.js';
import type { StatementJudge } from '../../src/protocols/mysql/judge/judgement.js';
import { PortPool } from '../../src/gateway/port-pool.js';
import { type GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { SQL_VOCABULARY } from '../../src/protocols/sql/policy/vocabulary.js';
import { compilePolicies } from '../../src/policy/policy-set.js';
import { credentialVerifierOf } from '../../src/protocols/mysql/wire/login/auth.js';
import { type ClientLogin } from './clients/program.js';
import { makeTemporaryFolder } from './folders.js';
import { freePortBlock } from './ports.js';
import { type Provisioned, grantsOf } from './task-account.js';
import { RECORDED } from './recorded.js';

const HOST = '127.0.0.1';
const PASSWORD = 'of-this-test';
const MIB = 1024 * 1024;
const TTL_MS = 120_000;

/** A grant held by a gateway inside of the test, with a judge of the test's choice before the real second lock. */
export interface LockedGrant {
  readonly login: ClientLogin & { readonly database: string };
  readonly account: string;
  /** What the target says the task account has. */
  readonly grants: () => Promise<readonly string[]>;
  readonly end: () => Promise<void>;
}

export interface LockedGrantOptions {
  readonly access: readonly Access[];
  readonly judge: StatementJudge;
  /** What stands follows these; the judge does not. */
  readonly policies?: PolicySource;
}

const DEFAULT_SET = compilePolicies([SQL_VOCABULARY.defaults], [SQL_VOCABULARY]);
const BY_DEFAULT: PolicySource = { current: () => DEFAULT_SET };

/** Opens it on a database; by the default policies reading stands and nothing else does. */
export async function openLockedGrant(
  on: Provisioned,
  { access, judge, policies = BY_DEFAULT }: LockedGrantOptions,
): Promise<LockedGrant> {
  const order = await orderOf(on, access);
  const ended = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<number>();
  const folder = makeTemporaryFolder();
  const admins = new AdminPool();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const tls = await openEndpointTls(await makeAuthority(new Date()), HOST, new Date());
  const catalogs = new SharedCatalogs({ admins, clock: systemClock });
  /** MySQL's own, but for the one who judges. */
  const judged: GatewayProtocol = {
    ...MYSQL_GATEWAY,
    start: (tools) => ({
      async open(given, onBroken) {
        const asked = mysqlOrderOf(given);
        const opinions = { ask: () => Promise.resolve({ kind: 'none' as const, why: 'nobody is asked' }) };
        const real = await GrantGuard.prepare(asked, { ...tools, opinions, admins, catalogs }, onBroken);
        const { gate, door, locks, rehearser, policyVersion, standing } = real;
        const guard = {
          judge,
          gate,
          door,
          locks,
          rehearser,
          policyVersion,
          standing,
          hold: (statement: SessionStatement) => real.hold(statement, judge),
          start: () => real.start(),
          follow: () => real.follow(),
          close: () => real.close(),
        };
        return new MysqlGrant({ order: asked, tools, admins, guard, onIntruder: onBroken });
      },
      refuse: (client) => client.destroy(),
      close: () => Promise.resolve(),
    }),
  };
  const gatewayId = newGatewayId();
  const authority = authorityOf(order, opened.resolve, ended.resolve);
  const opener = new GrantOpener({
    gatewayId,
    authority,
    protocols: new ServingProtocols([judged], {
      policies,
      desk: { ask: noDesk, show: noDesk, settled: noDesk, use: noDesk },
      clock: systemClock,
      log,
      tls,
      tlsRequired: false,
      limits: { commandBytesMax: MIB, pipelinedBytesMax: MIB, authenticationMs: 10_000, targetConnectMs: 5_000 },
      poll: { arrived: () => undefined },
      tricks: { sockets: 'direct', verdictsBy: 'shape' },
    }),
    ports: new PortPool(HOST, await freePortBlock()),
    clock: systemClock,
    disk: { hasRoom: true },
    meter: new OperationMeter(),
    recordings: {
      protocols: RECORDED,
      liveDirectory: (id) => join(folder, id),
      durability: 'process',
      limits: {},
      discard: () => Promise.resolve(),
    },
    log,
  });
  const keeper = new GrantKeeper({
    gatewayId,
    publicHost: HOST,
    caPem: tls.caPem,
    leaseMs: TTL_MS,
    authority,
    opener,
    clock: systemClock,
    log,
    drainMsLeft: () => null,
    onDrainAsked: () => undefined,
    onLeaseLost: () => undefined,
  });
  await keeper.open(order.id);
  return {
    login: {
      host: HOST,
      port: await opened.promise,
      user: order.taskAccount,
      password: PASSWORD,
      database: on.database,
    },
    account: order.taskAccount,
    grants: () => grantsOf(on, order.taskAccount),
    async end() {
      await keeper.stop(10_000);
      await ended.promise;
      admins.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function orderOf({ engine, database, provisioner }: Provisioned, access: readonly Access[]): Promise<GrantOrder> {
  const { host, port } = engine;
  const { username, password } = provisioner;
  const endpoint = { host, port, tls: { mode: 'off' as const } };
  const login = { username, password };
  const wish = { credentials: 'dynamic' as const, privileges: [], databases: [], defaultDatabase: null };
  const id = newGrantId();
  return {
    id,
    principal: { id: newId(), name: 'bot', kind: 'agent' },
    task: { title: 'A test' },
    access,
    onHold: 'wait',
    deadlineMs: systemClock.nowMs() + TTL_MS,
    taskAccount: `dw_${newId().replaceAll('-', '').slice(-20)}`,
    database,
    sessionsMax: 30,
    target: {
      id: newId(),
      name: 'shop',
      protocol: 'mysql',
      endpoint,
      credentials: 'dynamic',
      login,
      labels: {},
      report: await inspectTarget({ endpoint, ...login }, wish, new Date()),
    },
  };
}

/** The state of the one grant that there is. */
function authorityOf(order: GrantOrder, onOpen: (port: number) => void, onEnd: () => void): GrantAuthority {
  return {
    claim: () => Promise.resolve(order),
    activate: (_: GrantId, { port }) => {
      onOpen(port);
      return Promise.resolve(true);
    },
    refuse: () => Promise.resolve(true),
    beginClose: () => Promise.resolve(true),
    ended: () => {
      onEnd();
      return Promise.resolve();
    },
    credentialVerifier: () => Promise.resolve(verifierOf(credentialVerifierOf(PASSWORD))),
    renewLease: () => Promise.resolve({ closing: [], drainAskedBy: undefined }),
  };
}

/** Nothing is held where everything is allowed. */
function noDesk(): Promise<never> {
  return Promise.reject(new BrokerError('state_unavailable'));
}
