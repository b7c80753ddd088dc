import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import { newApprovalId } from '../../src/domain/ids.js';
import type { ApprovalId, GatewayId, GrantId } from '../../src/kernel/brand.js';
import { systemClock } from '../../src/kernel/clock.js';
import { DatabaseApprovalDesk } from '../../src/persistence/approvals/approval-desk.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { type ApprovalRow, approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { GatewayRepository } from '../../src/persistence/processes/gateway.repository.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { approvalChannel } from '../../src/queue/jobs.js';
import { type Asked, insertActiveGrant, questionOf } from './approval-state.js';
import type { Broker } from './broker.js';
import { servers } from './engines.js';
import { type Answer, call } from './grants.js';

const LEASE_SECONDS = 3_600;

/** Questions of grants that a gateway of the test itself holds, and people who decide on them. */
export class Questions {
  readonly source: DataSource;
  readonly desk: DatabaseApprovalDesk;
  readonly agentId: string;
  readonly approverId: string;
  readonly #broker: Broker;
  readonly #redis: Redis;
  readonly #gatewayId: GatewayId;

  static async start(broker: Broker): Promise<Questions> {
    const source = await createStateSource(broker.stateDatabaseUrl).initialize();
    const principals = source.getRepository(principalEntity);
    return new Questions({
      broker,
      source,
      // The gateway of the grants of this test: nobody may take them for a dead one's.
      gatewayId: await new GatewayRepository(source).start('of-this-test', LEASE_SECONDS),
      agentId: (await principals.findOneByOrFail({ name: 'test-agent' })).id,
      approverId: (await principals.findOneByOrFail({ name: 'test-approver' })).id,
    });
  }

  private constructor(parts: {
    readonly broker: Broker;
    readonly source: DataSource;
    readonly gatewayId: GatewayId;
    readonly agentId: string;
    readonly approverId: string;
  }) {
    this.source = parts.source;
    this.agentId = parts.agentId;
    this.approverId = parts.approverId;
    this.#broker = parts.broker;
    this.#gatewayId = parts.gatewayId;
    this.#redis = new Redis(servers().redis.url);
    // Without jobs: what the worker does for these questions it finds by itself.
    this.desk = new DatabaseApprovalDesk({
      dataSource: parts.source,
      clock: systemClock,
      limits: { pendingMax: 50, totalMax: 1_000 },
      announce: (id, state) => void this.announce(id, state),
      requestJobs: () => undefined,
    });
  }

  /** Says that an approval has changed, as processes say it to each other. */
  async announce(id: string, state: string): Promise<void> {
    const channel = approvalChannel(this.#broker.env['QUEUE_PREFIX'] ?? '');
    await this.#redis.publish(channel, JSON.stringify({ id, state }));
  }

  /** A grant of the test's agent, and a question about one of its statements. */
  async ask(changed: Asked = {}, ofGrant: object = {}): Promise<ApprovalId> {
    const grant = changed.grant ?? (await this.activeGrant(ofGrant));
    return (await this.desk.ask(questionOf(grant, changed))).id;
  }

  activeGrant(changed: object = {}): Promise<GrantId> {
    return insertActiveGrant(this.source, { principalId: this.agentId, gatewayId: this.#gatewayId, ...changed });
  }

  async revoke(grant: GrantId): Promise<void> {
    await new GrantRepository(this.source).close(grant, 'revoked', 'operator', Date.now());
  }

  /** A new approver with a key. */
  async newApprover(groups: readonly string[] = [], name = `approver-${newApprovalId()}`): Promise<string> {
    const { operator } = this.#broker.keys;
    const body = { name, kind: 'user', roles: ['approver'], groups };
    expect((await call(this.#broker, 'POST', '/v1/principals', { key: operator, body })).status).toBe(201);
    const path = `/v1/principals/${name}/keys`;
    return String((await call(this.#broker, 'POST', path, { key: operator, body: {} })).body['key']);
  }

  look(id: string, key = this.#broker.keys.approver, wait = 0): Promise<Answer<ApprovalView>> {
    return call<ApprovalView>(this.#broker, 'GET', `/v1/approvals/${id}?wait=${wait}`, { key });
  }

  decide(id: string, body: object, key = this.#broker.keys.approver): Promise<Answer<ApprovalView>> {
    return call<ApprovalView>(this.#broker, 'POST', `/v1/approvals/${id}/decisions`, { key, body });
  }

  row(id: ApprovalId): Promise<ApprovalRow> {
    return this.source.getRepository(approvalEntity).findOneByOrFail({ id });
  }

  async close(): Promise<void> {
    await this.source.destroy();
    this.#redis.disconnect();
  }
}

/** Questions for the tests of a file, started before them and closed after them. */
export function useQuestions(broker: () => Broker): () => Questions {
  let questions: Questions | undefined;
  beforeAll(async () => {
    questions = await Questions.start(broker());
  });
  afterAll(async () => questions?.close());
  return () => {
    if (!questions) throw new Error('Questions are there inside of tests and hooks only');
    return questions;
  };
}
