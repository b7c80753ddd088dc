import type { ApprovalScope, HoldTerms, OperationPreview } from '../domain/approval.js';
import type { OnHold } from '../domain/grant.js';
import type { ProtocolValue } from '../domain/protocol-value.js';
import type { ApprovalId, GrantId } from '../kernel/brand.js';
import type { Clock } from '../kernel/clock.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import { refusalBy, refusalFor, refusalToComeAgain, type Denied, type Refused } from './gate-refusals.js';
import type { ApprovalDesk, ApprovalQuestion, ApprovalReport, GatewayLog } from './ports.js';

/**
 * What an operation has while it runs, beyond what its grant has at any time: privileges at a database, a role binding in
 * a cluster, or nothing. Made and taken back by the protocol.
 */
export interface AccessWindow {
  /** What was really given, as recordings spell it. */
  readonly given: readonly string[];
  /** Takes it back. Never rejects; safe to call again. */
  close(): Promise<void>;
}

/** What became of an operation when its protocol judged it. */
export type Ruling = { readonly verdict: 'allow' } | Denied | { readonly verdict: 'hold'; readonly terms: HoldTerms };

/** What a protocol says of an operation that people are asked about; the gate adds who asks, who waits, and until when. */
export type OperationAsked = Omit<
  ApprovalQuestion,
  'grant' | 'session' | 'operation' | 'operationKey' | 'terms' | 'inTransaction' | 'waits' | 'expiresAtMs'
>;

/** An operation as its protocol has judged it. Judged again it is another value: nothing of this one changes. */
export interface GatedOperation<Window extends AccessWindow = AccessWindow> {
  readonly session: number;
  /** Numbers the operations of the grant. */
  readonly operation: number;
  readonly ruling: Ruling;
  /** Its session has a transaction open: what that holds is kept from others while the operation waits. */
  readonly inTransaction: boolean;
  /** Others of its grant stand before it: what it was judged to be may have changed once it is its turn. */
  readonly hasToQueue: boolean;
  /**
   * Names within the grant what people approve: what it does to what, and which people that takes. An approval of one key
   * is good for no other.
   */
  key(): string;
  /** Equal as long as the key, the ruling and what its window has to give are. */
  identity(): string;
  /** With verdict `hold` only. */
  question(): OperationAsked;
  /** Judges it by what is known now, remembering nothing. */
  judgeAnew(): Promise<GatedOperation<Window>>;
  /** Waits for its turn and gives it what it needs. @throws BrokerError; the signal's reason. Nothing is given then */
  open(signal: AbortSignal): Promise<Window>;
  /** What it would do, for those who decide; what cannot be known says so. */
  preview(): Promise<OperationPreview & ProtocolValue>;
  /** Why it cannot be kept within the bounds that people have set; undefined when it can. */
  whyNotWithin(scope: ApprovalScope): Promise<ErrorCode | undefined>;
}

/** The client that sent the operation, as far as the gate has to know. */
export interface GatedClient {
  /** Aborted when the client or the grant is gone. */
  readonly signal: AbortSignal;
  /**
   * Aborted, with a BrokerError, when its transaction has to give way to others who wait for what it holds. Absent where a
   * session holds nothing from others.
   */
  readonly givesWay?: AbortSignal | undefined;
  readonly onAsked: (report: ApprovalReport, terms: HoldTerms) => void;
  readonly onDecided: (report: ApprovalReport) => void;
}

/** It may go to the target now; the caller closes the window when it is answered. */
export interface Admitted<Window extends AccessWindow = AccessWindow> {
  readonly kind: 'forward';
  readonly window: Window;
  readonly approval: ApprovalId | undefined;
  /** How far the approval reaches: the caller keeps the operation within it. Null when nobody was asked. */
  readonly scope: ApprovalScope | null;
}

export type GateOutcome<Window extends AccessWindow = AccessWindow> = Admitted<Window> | Refused;

/** It waited, and is not any more what it was judged to be. */
interface Drifted<Window extends AccessWindow> {
  readonly kind: 'drifted';
  readonly now: GatedOperation<Window>;
}

/** What people have approved, and the question that they answered. */
interface Approved {
  readonly report: ApprovalReport;
  readonly question: ApprovalQuestion;
}

interface Opened<Window extends AccessWindow> {
  readonly kind: 'opened';
  readonly window: Window;
}

export interface OperationGateOptions {
  readonly grant: GrantId;
  readonly deadlineMs: number;
  /** With `error` no client waits: it is told the approval, and sends the operation again. */
  readonly onHold: OnHold;
  readonly desk: ApprovalDesk;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

/** The same operation may turn out to touch other things whenever it was approved; that is not asked for ever. */
const ASKED_MAX = 3;
/** After a wait of this length, policies or the target may have changed since the operation was judged. */
const WAITED_LONG_US = 200_000;
const DRIFTED: Refused = { kind: 'refuse', code: 'statement_drifted' };

/**
 * What stands between a judged operation and the target when its verdict alone is not enough: the question to people, the
 * wait, the one use of what they decided, and the window in which it runs. Works for all sessions of a grant, and for any
 * number of operations at a time; the protocol says what an operation is, needs and shows.
 */
export class OperationGate {
  readonly #options: OperationGateOptions;

  constructor(options: OperationGateOptions) {
    this.#options = options;
  }

  /** @throws the signal's reason; BrokerError `state_unavailable`, `approvals_over_limit`; what opening the window throws */
  async admit<Window extends AccessWindow>(
    operation: GatedOperation<Window>,
    client: GatedClient,
  ): Promise<GateOutcome<Window>> {
    let now = operation;
    for (let tries = 0; tries < ASKED_MAX; tries += 1) {
      const { ruling } = now;
      if (ruling.verdict === 'deny') return refusalBy(ruling);
      if (ruling.verdict === 'hold') return this.#ask(now, ruling.terms, client);
      const opened = await this.#open(now, client);
      if (opened.kind === 'opened') return { kind: 'forward', window: opened.window, approval: undefined, scope: null };
      now = opened.now;
    }
    return DRIFTED;
  }

  async #ask<Window extends AccessWindow>(
    operation: GatedOperation<Window>,
    firstTerms: HoldTerms,
    client: GatedClient,
  ): Promise<GateOutcome<Window>> {
    let asking = operation;
    let terms = firstTerms;
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      if (asking.inTransaction && terms.inTransaction === 'refuse') {
        return { kind: 'refuse', code: 'statement_hold_in_transaction' };
      }
      const question = this.#question(asking, terms);
      const report = await this.#decisionOn(asking, question, client);
      if (report.state === 'pending' && this.#options.onHold === 'error') return refusalToComeAgain(report);
      if (report.state !== 'approved') return refusalFor(report.state, report, question, client.givesWay);
      const now = await asking.judgeAnew();
      // An approval is for what was shown; what has become of it meanwhile is asked again.
      const isSame = now.ruling.verdict === 'hold' && now.key() === question.operationKey;
      const admission = isSame
        ? await this.#use(now, { report, question }, client)
        : ({ kind: 'drifted', now } as const);
      if (admission.kind !== 'drifted') return admission;
      asking = admission.now;
      const { ruling } = asking;
      if (ruling.verdict === 'deny') return refusalBy(ruling);
      if (ruling.verdict === 'allow') return this.admit(asking, client);
      terms = ruling.terms;
    }
    return DRIFTED;
  }
  #question<Window extends AccessWindow>(operation: GatedOperation<Window>, terms: HoldTerms): ApprovalQuestion {
    const { grant, deadlineMs, onHold, clock } = this.#options;
    const { session, operation: number, inTransaction } = operation;
    return {
      ...operation.question(),
      grant,
      session,
      operation: number,
      operationKey: operation.key(),
      terms,
      inTransaction,
      waits: onHold !== 'error' && !(inTransaction && terms.inTransaction === 'rollback'),
      expiresAtMs: Math.min(clock.nowMs() + terms.holdSeconds * 1000, deadlineMs),
    };
  }

  /** Pending only when the grant's `onHold`, or its transaction, does not wait, or the transaction has to give way. */
  async #decisionOn<Window extends AccessWindow>(
    operation: GatedOperation<Window>,
    question: ApprovalQuestion,
    client: GatedClient,
  ): Promise<ApprovalReport> {
    const { desk } = this.#options;
    client.signal.throwIfAborted(); // nobody is asked for a client that went while its operation was judged again
    const asked = await desk.ask(question);
    if (client.signal.aborted) return desk.settled(asked.id, client.signal); // it notes that nobody waits, and throws
    client.onAsked(asked, question.terms);
    if (asked.state === 'pending' && !asked.again) this.#preview(asked.id, operation);
    const report = asked.state === 'pending' && question.waits ? await this.#settled(asked, client) : asked;
    client.onDecided(report);
    return report;
  }

  /** In a transaction it waits as anywhere else, for as long as nobody has waited too long for what that holds. */
  async #settled(asked: ApprovalReport, client: GatedClient): Promise<ApprovalReport> {
    try {
      return await this.#options.desk.settled(asked.id, endOf(client));
    } catch (error) {
      if (client.signal.aborted || client.givesWay?.aborted !== true) throw error;
      return asked;
    }
  }

  #preview(id: ApprovalId, operation: Pick<GatedOperation, 'preview'>): void {
    const { desk, log, grant } = this.#options;
    operation
      .preview()
      .then((found) => desk.show(id, found))
      .catch((error: unknown) => log.warn({ grant, approval: id, err: error }, 'a preview could not be shown'));
  }

  /** Takes the one use of the approval: only the one who gets it forwards. */
  async #use<Window extends AccessWindow>(
    operation: GatedOperation<Window>,
    { report: { id, scope }, question }: Approved,
    client: GatedClient,
  ): Promise<GateOutcome<Window> | Drifted<Window>> {
    const { desk } = this.#options;
    const detail = `Approval ${id}.`;
    const whyNot = scope === null ? undefined : await operation.whyNotWithin(scope);
    if (whyNot !== undefined) {
      await desk.use(id); // it is of no use to anybody: the same operation asks again
      return { kind: 'refuse', code: whyNot, detail };
    }
    const opened = await this.#open(operation, client);
    if (opened.kind === 'drifted') return opened;
    const { window } = opened;
    try {
      client.signal.throwIfAborted();
      if (await desk.use(id)) return { kind: 'forward', window, approval: id, scope };
    } catch (error) {
      await window.close();
      throw error;
    }
    await window.close();
    return this.#whyNotUsed(id, question, client);
  }

  /** It was good when it was found: somebody else has used it since, or the one who gave it has taken it back. */
  async #whyNotUsed(id: ApprovalId, question: ApprovalQuestion, client: GatedClient): Promise<Refused> {
    const report = await this.#options.desk.settled(id, client.signal);
    if (report.state !== 'withdrawn') return { kind: 'refuse', code: 'approval_used', detail: `Approval ${id}.` };
    client.onDecided(report);
    return refusalFor('withdrawn', report, question, undefined);
  }

  /** What had to wait for its turn is judged again. */
  async #open<Window extends AccessWindow>(
    operation: GatedOperation<Window>,
    client: GatedClient,
  ): Promise<Opened<Window> | Drifted<Window>> {
    const { clock } = this.#options;
    const sinceUs = clock.monotonicUs();
    const { hasToQueue } = operation;
    const window = await operation.open(endOf(client));
    if (!hasToQueue && clock.monotonicUs() - sinceUs < WAITED_LONG_US) return { kind: 'opened', window };
    try {
      const now = await operation.judgeAnew();
      if (now.identity() === operation.identity()) return { kind: 'opened', window };
      await window.close();
      return { kind: 'drifted', now };
    } catch (error) {
      await window.close();
      throw error;
    }
  }
}

/** Aborted when an operation waits no longer. */
function endOf({ signal, givesWay }: GatedClient): AbortSignal {
  return givesWay === undefined ? signal : AbortSignal.any([signal, givesWay]);
}
