import { approvalIdOf, lowestIdAt, newGrantId } from '../../src/domain/ids.js';
import type { ApprovalState } from '../../src/domain/approval.js';
import { approvalEntity } from '../../src/persistence/entities/approvals/approval.js';
import type { StateSource } from '../../src/persistence/state/data-source.js';
import { TERMS } from './approval-state.js';

/** A question about a grant as a test puts it into a state database, as if it had been asked then. */
export interface PlacedQuestion {
  readonly askedAtMs: number;
  readonly settledAtMs: number | null;
  readonly state: ApprovalState;
  readonly groups: readonly string[];
  readonly target?: string;
}

const HOUR_MS = 3_600_000;
let placed = 0;

export async function placeQuestion(source: StateSource, question: PlacedQuestion): Promise<void> {
  const { askedAtMs, settledAtMs, state, groups, target = 'shop' } = question;
  placed += 1;
  await source.getRepository(approvalEntity).insert({
    id: approvalIdOf(`${lowestIdAt(askedAtMs).slice(0, 20)}${String(placed).padStart(6, '0')}`),
    kind: 'grant',
    grantId: newGrantId(),
    principalId: '0'.repeat(26),
    principalName: 'bot',
    principalKind: 'agent',
    sponsor: null,
    targetName: target,
    protocol: 'mysql',
    taskTitle: 'Mend the orders',
    taskReference: null,
    state,
    revision: 1,
    statementKey: null,
    shapeKey: null,
    openKey: null,
    summary: {
      excerpt: null,
      statementKind: null,
      action: null,
      database: null,
      inTransaction: false,
      why: 'It asks for more than agents have.',
      policies: [],
      terms: { ...TERMS, approvers: [...groups] },
    },
    question: { kind: 'grant', access: [], ttlSeconds: 600 },
    preview: null,
    scope: null,
    uses: 0,
    usesMax: null,
    askedAtMs,
    expiresAtMs: Date.now() + HOUR_MS,
    settledAtMs,
    changedAtMs: askedAtMs,
  });
}
