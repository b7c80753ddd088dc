import { createHash } from 'node:crypto';
import type { ApprovalScope, OperationPreview } from '../../../src/domain/approval.js';
import { whoDecides } from '../../../src/domain/approval-rules.js';
import { shownLine } from '../../../src/domain/visible-text.js';
import type { AccessWindow, GatedOperation, OperationAsked, Ruling } from '../../../src/gateway/operation-gate.js';
import type { ErrorCode } from '../../../src/kernel/errors/error-table.js';
import type { EchoJudge, EchoJudgement } from './judge.js';
import type { EchoLine } from './lines.js';

/** Accounts of an echo server may say everything at any time: nothing is given for one line. */
const NOTHING: AccessWindow = { given: [], close: () => Promise.resolve() };

export interface HeldLineOf {
  readonly session: number;
  readonly operation: number;
  readonly line: EchoLine;
}

/** A line at the gate of its grant. */
export class HeldLine implements GatedOperation {
  readonly inTransaction = false;
  readonly hasToQueue = false;
  readonly #of: HeldLineOf;
  readonly #judge: EchoJudge;
  readonly #judgement: EchoJudgement;

  constructor(of: HeldLineOf, judge: EchoJudge, judgement = judge.judge(of.line)) {
    this.#of = of;
    this.#judge = judge;
    this.#judgement = judgement;
  }

  get session(): number {
    return this.#of.session;
  }

  get operation(): number {
    return this.#of.operation;
  }

  get ruling(): Ruling {
    return this.#judgement.ruling;
  }

  key(): string {
    const { ruling } = this.#judgement;
    const who = ruling.verdict === 'hold' ? whoDecides(ruling.terms) : [];
    return createHash('sha256')
      .update(JSON.stringify([this.#of.line.line, who]))
      .digest('hex');
  }

  identity(): string {
    return `${this.key()} ${this.ruling.verdict}`;
  }

  question(): OperationAsked {
    const { line, facts } = this.#of.line;
    const { policies, policyVersion, why } = this.#judgement;
    return {
      keyInTransaction: null,
      shapeKey: null,
      excerpt: { kind: facts.action, action: facts.action, text: line, line: shownLine(line), database: null },
      body: { line, facts },
      policies,
      policyVersion: policyVersion ?? '',
      why,
    };
  }

  judgeAnew(): Promise<HeldLine> {
    return Promise.resolve(new HeldLine(this.#of, this.#judge));
  }

  open(): Promise<AccessWindow> {
    return Promise.resolve(NOTHING);
  }

  preview(): Promise<OperationPreview> {
    return Promise.resolve({
      takenAtMs: Date.now(),
      affected: { kind: 'unknown', why: 'Nobody knows who listens.' },
    });
  }

  whyNotWithin({ rowsMax }: ApprovalScope): Promise<ErrorCode | undefined> {
    return Promise.resolve(rowsMax === null ? undefined : 'row_limit_impossible');
  }
}
