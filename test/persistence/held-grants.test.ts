import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApprovalId, newGatewayId, newGrantId, newId, newPrincipalId, newTargetId } from '../../src/domain/ids.js';
import type { ApprovalId, GrantId } from '../../src/kernel/brand.js';
import { BrokerError } from '../../src/kernel/errors.js';
import { ApprovalRepository } from '../../src/persistence/approvals/approval.repository.js';
import { ApprovalSweepRepository } from '../../src/persistence/approvals/approval-sweep.repository.js';
import { createStateSource } from '../../src/persistence/state/data-source.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import { grantEntity } from '../../src/persistence/entities/grants/grant.js';
import { GrantRepository } from '../../src/persistence/grants/grant.repository.js';
import { HELD_GRANTS_MAX } from '../../src/persistence/grants/held-grant.js';
import { PrincipalRepository } from '../../src/persistence/identity/principal.repository.js';
import { approve, approver, deny, TERMS } from '../support/approval-state.js';
import { makeDatabase, type OwnDatabase } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { RACES } from '../support/races.js';

let database: OwnDatabase;
let source: DataSource;
let grants: GrantRepository;
let approvals: ApprovalRepository;
let sweep: ApprovalSweepRepository;

beforeAll(async () => {
  database = await makeDatabase(servers().mariadb);
  source = await createStateSource(database.url).initialize();
  await source.runMigrations();
  grants = new GrantRepository(source);
  approvals = new ApprovalRepository(source);
  sweep = new ApprovalSweepRepository(source);
});
afterAll(async () => {
  await source?.destroy();
  await database?.drop();
});

interface Held {
  readonly id: GrantId;
  readonly approval: ApprovalId;
}

/** `held`, or the code of the refusal. A caller whom a busy machine kept waiting for too long asks again. */
async function codeOf(holding: () => Promise<Held>): Promise<string> {
  for (;;) {
    const code = await holding().then(
      () => 'held',
      (error: unknown) => (error instanceof BrokerError ? error.code : String(error)),
    );
    if (code !== 'state_unavailable') return code;
  }
}

async function hold(terms = TERMS, principalId: string = newId()): Promise<Held> {
  const id = newGrantId();
  const nowMs = Date.now();
  const approval = await grants.insertHeld(
    {
      id,
      principalId,
      principalName: 'bot',
      principalKind: 'agent',
      sponsor: null,
      taskTitle: 'Count the orders',
      taskReference: null,
      targetId: newTargetId(),
      targetName: 'shop',
      protocol: 'mysql',
      access: [{ database: 'shop', privileges: ['SELECT'] }],
      database: 'shop',
      ttlSeconds: 600,
      onHold: 'wait',
      deadlineAtMs: nowMs + 600_000,
      taskAccount: `dw_${randomBytes(10).toString('hex')}`,
      verifier: { protocol: 'mysql' },
      requestedAtMs: nowMs,
    },
    { why: 'It asks for long.', policies: ['default#long'], terms },
  );
  return { id, approval: approval.id };
}

async function statesOf({ id, approval }: Held): Promise<string> {
  const grant = await grants.find(id);
  return `${(await approvals.find(approval))?.state} ${grant?.state} ${grant?.refuseCode ?? ''}`.trimEnd();
}

describe('a grant that people must approve', () => {
  it('keeps no verifier of a password that nobody is shown, and waits past its own time for them', async () => {
    const { id, approval } = await hold();
    const grant = await grants.find(id);
    expect(grant).toMatchObject({ nativeHash: null, cachingSha2Hash: null, approvalId: approval, approvedAtMs: null });
    expect(grant?.deadlineAtMs).toBeGreaterThan(Date.now() + 1_190_000);
  });

  it('can be opened once approved, and its time counts from then', async () => {
    const held = await hold();
    expect(await sweep.approvedUnopened(0, undefined)).not.toContain(held.id);
    await approvals.decide(approve(held.approval));
    expect(await statesOf(held)).toBe('approved requested');
    const grant = await grants.find(held.id);
    expect(Math.abs((grant?.deadlineAtMs ?? 0) - Date.now() - 600_000)).toBeLessThan(60_000);
    expect(await sweep.approvedUnopened(0, undefined)).toContain(held.id);
    await source.getRepository(grantEntity).update({ id: held.id }, { gatewayId: newGatewayId() });
    expect(await sweep.approvedUnopened(0, undefined)).not.toContain(held.id);
  });

  it('waits for the quorum', async () => {
    const held = await hold({ ...TERMS, quorum: 2 });
    await approvals.decide(approve(held.approval));
    expect(await statesOf(held)).toBe('pending requested');
    expect(await grants.find(held.id)).toMatchObject({ approvedAtMs: null });
    await approvals.decide(approve(held.approval, null, approver()));
    expect(await grants.find(held.id)).not.toMatchObject({ approvedAtMs: null });
  });

  it('waits with so many others of its principal and no more, however many are asked for at once', async () => {
    const principalId = newPrincipalId();
    const principal = { id: principalId, name: principalId, kind: 'agent', roles: ['agent'], groups: [] } as const;
    await new PrincipalRepository(source).insert({ ...principal, createdAtMs: 1, disabledAtMs: null });
    const codes = await Promise.all(
      Array.from({ length: HELD_GRANTS_MAX + 10 }, () => codeOf(() => hold(TERMS, principalId))),
    );
    const all = await approvals.list({ principalId, state: 'pending', limit: 2 * HELD_GRANTS_MAX });
    expect(all).toHaveLength(HELD_GRANTS_MAX);
    expect([...new Set(codes)].toSorted()).toEqual(['approvals_over_limit', 'held']);
    await approvals.decide(deny(all[0]?.id ?? newApprovalId()));
    await hold(TERMS, principalId);
    await expect(hold(TERMS, principalId)).rejects.toMatchObject({ code: 'approvals_over_limit' });
  });

  it('keeps its approval when it ends: that was used', async () => {
    const held = await hold();
    await approvals.decide(approve(held.approval));
    await grants.close(held.id, 'revoked', 'operator', Date.now());
    expect(await statesOf(held)).toBe('approved refused grant_revoked');
  });
});

describe('of two that race for a requested grant one wins', () => {
  const AT_ONCE = 5;

  async function outcomes(
    race: (held: Held, round: number) => Promise<readonly unknown[]>,
  ): Promise<ReadonlySet<string>> {
    const rounds = Array.from({ length: RACES }, (_, round) => round);
    const seen = new Set<string>();
    const run = async (): Promise<void> => {
      for (let round = rounds.pop(); round !== undefined; round = rounds.pop()) {
        const held = await hold();
        await race(held, round);
        seen.add(await statesOf(held));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, run));
    return seen;
  }

  it('approving and revoking', { timeout: 60_000 }, async () => {
    const seen = await outcomes(({ id, approval }, round) => {
      const work = [
        () => approvals.decide(approve(approval)),
        () => grants.close(id, 'revoked', 'operator', Date.now()),
      ];
      return Promise.allSettled((round % 2 === 0 ? work : work.toReversed()).map((start) => start()));
    });
    expect([...seen].sort()).toEqual(['approved refused grant_revoked', 'cancelled refused grant_revoked']);
  });

  it('approving and denying', { timeout: 60_000 }, async () => {
    const seen = await outcomes(({ approval }, round) => {
      const work = [() => approvals.decide(approve(approval)), () => approvals.decide(deny(approval))];
      return Promise.allSettled((round % 2 === 0 ? work : work.toReversed()).map((start) => start()));
    });
    expect([...seen].sort()).toEqual(['approved requested', 'denied refused grant_denied']);
  });

  it('approving and the time', { timeout: 60_000 }, async () => {
    const seen = await outcomes(async ({ approval }, round) => {
      const leftMs = Math.round(2 * 1.45 ** (round % 20)); // up to 2.4 s, for a machine that is busy
      await source.getRepository(approvalEntity).update({ id: approval }, { expiresAtMs: Date.now() + leftMs });
      return Promise.allSettled([
        approvals.decide(approve(approval)),
        sweep.timeOut(approval),
        sweep.timeOut(approval),
      ]);
    });
    const known = ['approved requested', 'pending requested', 'timed-out refused grant_approval_timed_out'];
    expect([...seen].filter((states) => !known.includes(states))).toEqual([]);
    expect(seen).toContain('approved requested');
    expect(seen).toContain('timed-out refused grant_approval_timed_out');
  });
});
