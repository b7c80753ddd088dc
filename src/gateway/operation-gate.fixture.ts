import type { ApprovalScope, ApprovalState, HoldTerms, OperationPreview } from '../domain/approval.js';
import { newApprovalId } from '../domain/ids.js';
import type { ApprovalId } from '../kernel/brand.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { AccessWindow, GatedOperation, Ruling } from './operation-gate.js';
import type { ApprovalDesk, ApprovalQuestion, ApprovalReport } from './ports.js';

export const TERMS: HoldTerms = {
  approvers: [],
  quorum: 1,
  decideIn: 'anywhere',
  reauthenticateSeconds: null,
  slackChannels: [],
  holdSeconds: 60,
  inTransaction: 'hold',
  transactionHoldSeconds: 10,
  warning: null,
};
export const NOW_MS = 1_000_000;

export const NOTHING_KNOWN: OperationPreview = {
  takenAtMs: NOW_MS,
  affected: { kind: 'unknown', why: 'It is not looked at.' },
};

interface Asked {
  readonly key: string;
  report: ApprovalReport;
  usesLeft: number;
  readonly wake: (() => void)[];
}

/** The questions of one grant, kept in memory and decided by the test. */
export class Desk implements ApprovalDesk {
  readonly questions: ApprovalQuestion[] = [];
  readonly shown: OperationPreview[] = [];
  /** Of those who stopped waiting, why. */
  readonly left: unknown[] = [];
  readonly #asked: Asked[] = [];
  readonly #told: (() => void)[] = [];

  ask(question: ApprovalQuestion): Promise<ApprovalReport> {
    this.questions.push(question);
    for (const tell of this.#told.splice(0)) tell();
    const { operationKey: key, expiresAtMs } = question;
    const found = this.#asked.find((asked) => asked.key === key && asked.usesLeft > 0);
    if (found !== undefined) return Promise.resolve({ ...found.report, again: true });
    const id = newApprovalId();
    const report = {
      id,
      state: 'pending',
      again: false,
      decisions: [],
      withdrawals: [],
      scope: null,
      expiresAtMs,
    } as const;
    this.#asked.push({ key, report, usesLeft: 1, wake: [] });
    return Promise.resolve(report);
  }

  show(_id: ApprovalId, preview: OperationPreview): Promise<void> {
    this.shown.push(preview);
    return Promise.resolve();
  }

  async settled(id: ApprovalId, signal: AbortSignal): Promise<ApprovalReport> {
    const asked = this.#of((one) => one.report.id === id);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.left.push(signal.reason);
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    asked.wake.push(resolve);
    if (asked.report.state !== 'pending') resolve();
    await promise;
    return asked.report;
  }

  use(id: ApprovalId): Promise<boolean> {
    const asked = this.#of((one) => one.report.id === id);
    asked.usesLeft -= 1;
    return Promise.resolve(asked.usesLeft >= 0);
  }

  nextQuestion(): Promise<void> {
    return new Promise((resolve) => this.#told.push(resolve));
  }

  settle(key: string, state: ApprovalState, more: Partial<ApprovalReport> = {}): void {
    const asked = this.#of((one) => one.key === key && one.usesLeft > 0);
    asked.report = { ...asked.report, state, ...more };
    for (const wake of asked.wake) wake();
  }

  useUp(key: string): void {
    this.#of((one) => one.key === key && one.usesLeft > 0).usesLeft = 0;
  }

  #of(isIt: (asked: Asked) => boolean): Asked {
    const asked = this.#asked.find(isIt);
    if (asked === undefined) throw new Error('Nobody asked that.');
    return asked;
  }
}

/** An operation of a protocol that only this test speaks, and what it is each time it is judged. */
export class FakeOperation implements GatedOperation {
  readonly session = 1;
  readonly operation = 7;
  readonly inTransaction: boolean;
  readonly hasToQueue: boolean;
  readonly log: string[];
  readonly #fake: Fake;
  readonly #judged: number;

  constructor(fake: Fake, judged = 0, log: string[] = []) {
    this.#fake = fake;
    this.#judged = judged;
    this.log = log;
    this.inTransaction = fake.inTransaction ?? false;
    this.hasToQueue = fake.hasToQueue ?? false;
  }

  get ruling(): Ruling {
    return at(this.#fake.rulings, this.#judged);
  }

  key(): string {
    return at(this.#fake.keys ?? ['key'], this.#judged);
  }

  identity(): string {
    return `${this.ruling.verdict} ${this.key()}`;
  }

  question() {
    return {
      keyInTransaction: null,
      shapeKey: null,
      excerpt: { kind: 'shout', action: 'shout', text: 'shout', line: 'shout', database: null },
      body: { words: 'shout' },
      policies: ['default#shouting'],
      policyVersion: 'v1',
      why: 'It is loud.',
    };
  }

  judgeAnew(): Promise<FakeOperation> {
    this.log.push('judged');
    return Promise.resolve(new FakeOperation(this.#fake, this.#judged + 1, this.log));
  }

  async open(signal: AbortSignal): Promise<AccessWindow> {
    signal.throwIfAborted();
    await this.#fake.turn?.();
    this.log.push('opened');
    return {
      given: ['SHOUT'],
      close: () => {
        this.log.push('closed');
        return Promise.resolve();
      },
    };
  }

  preview(): Promise<OperationPreview> {
    return Promise.resolve(NOTHING_KNOWN);
  }

  whyNotWithin({ rowsMax }: ApprovalScope): Promise<ErrorCode | undefined> {
    return Promise.resolve(rowsMax === null ? undefined : 'row_limit_impossible');
  }
}

export interface Fake {
  /** For each time that it is judged; the last one stays. */
  readonly rulings: readonly Ruling[];
  readonly keys?: readonly string[];
  readonly inTransaction?: boolean;
  readonly hasToQueue?: boolean;
  readonly turn?: () => Promise<void>;
}

export function at<T>(values: readonly T[], index: number): T {
  const value = values[index] ?? values.at(-1);
  if (value === undefined) throw new Error('There is no value.');
  return value;
}
