import { CLOSE_ERROR, type CloseReason } from '../domain/grant.js';
import type { Clock } from '../kernel/clock.js';
import type { ErrorCode } from '../kernel/errors.js';
import type { GrantClosed, GrantClosing } from '../recording/entries/entries.js';
import type { RecordingWriter } from '../recording/write/writer.js';
import type { Endpoint } from './endpoint.js';
import type { GrantRecorder } from './grant-recorder.js';
import type { GrantStatements } from '../protocols/mysql/judge/grant-statements.js';
import type { GatewayLog, GrantOrder } from './ports.js';
import type { GrantTraces } from '../protocols/mysql/account/end-account.js';
import { untilDone } from './until-done.js';

export interface OpenGrantOptions {
  readonly order: GrantOrder;
  readonly port: number;
  readonly endpoint: Endpoint;
  readonly statements: GrantStatements;
  readonly recorder: GrantRecorder;
  readonly writer: RecordingWriter;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly endAccount: (traces: GrantTraces) => Promise<GrantClosed['account']>;
  readonly markEnded: (reason: CloseReason) => Promise<void>;
  readonly beginClose: (reason: CloseReason) => Promise<boolean>;
  readonly discardRecording: () => Promise<void>;
}

/** One grant that this gateway holds: its deadline by the gateway's own clock, and its end, which happens once. */
export class OpenGrant {
  readonly order: GrantOrder;
  readonly port: number;
  readonly statements: GrantStatements;
  /** Resolves when nothing of the grant is left here and on the target. */
  readonly ended: Promise<void>;
  readonly #options: OpenGrantOptions;
  readonly #resolveEnded: () => void;
  #deadline: NodeJS.Timeout | undefined;
  #ending = false;
  #forsaken = false;

  constructor(options: OpenGrantOptions) {
    this.order = options.order;
    this.port = options.port;
    this.statements = options.statements;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** From here on the deadline and a failing recording end the grant; before, whoever opens it takes it back. */
  start(): void {
    const { order, statements, clock, writer, log, beginClose } = this.#options;
    statements.start();
    this.#deadline = setTimeout(() => this.#expire(), order.deadlineMs - clock.nowMs());
    writer.onFailure((failure) => {
      log.error({ grant: order.id, err: failure }, 'the recording cannot be written; the grant ends');
      beginClose('failed').catch(() => false); // the state follows when its database is back; the end does not wait for it
      this.end('failed', null, 'recording_unavailable');
    });
  }

  get sessionCount(): number {
    return this.#options.endpoint.sessionCount;
  }

  /** Bytes of its recording. */
  get recordedBytes(): number {
    return this.#options.writer.bytesWritten;
  }

  /** Ends the grant; only the first call counts. `code` is what its clients are told. */
  end(reason: CloseReason, by: string | null, code: ErrorCode): void {
    if (this.#ending) return;
    this.#ending = true;
    clearTimeout(this.#deadline);
    void this.#end(reason, by, code);
  }

  /**
   * Takes back a grant that never became active: account, listener and recording are gone afterwards.
   * @throws what the target says when the account cannot be ended now; the grant then still needs {@link end}
   */
  async abandon(): Promise<void> {
    const { endpoint, writer, endAccount, discardRecording } = this.#options;
    await endAccount({ xaIds: [], threads: [] });
    this.#ending = true;
    clearTimeout(this.#deadline);
    endpoint.stopAccepting('open_failed');
    await this.statements.close();
    await writer.close();
    await discardRecording();
  }

  /**
   * Lets go of the grant because this gateway's lease is gone: the reaper ends it and writes the end of its recording.
   * Here everything is cut, and the account is ended too if the target can be reached: that is safe to do twice.
   */
  async forsake(): Promise<void> {
    this.#forsaken = true;
    if (this.#ending) return;
    this.#ending = true;
    clearTimeout(this.#deadline);
    const { endpoint, recorder, writer } = this.#options;
    recorder.freeze();
    endpoint.stopAccepting(CLOSE_ERROR.failed);
    await endpoint.endSessions(CLOSE_ERROR.failed);
    await this.statements.close();
    await this.#endAccount().catch((error: unknown) => this.#warn('ending the account', error));
    await writer.close().catch((error: unknown) => this.#warn('closing the files of the recording', error));
    this.#resolveEnded();
  }

  /** Does not wait for the state database: losing it never prolongs a grant. */
  #expire(): void {
    this.#options.beginClose('expired').catch(() => false);
    this.end('expired', null, CLOSE_ERROR.expired);
  }

  async #end(reason: CloseReason, by: string | null, code: ErrorCode): Promise<void> {
    const { endpoint, writer, log, markEnded } = this.#options;
    endpoint.stopAccepting(code, true);
    this.#tryAppend({ type: 'grant.closing', reason, by });
    await endpoint.endSessions(code);
    await this.statements.close();
    const account = await this.#untilDone('ending the account', () => this.#endAccount());
    if (this.#forsaken) return; // the reaper writes the end of the recording; two must not
    await this.#untilDone('closing the recording', async () => {
      writer.appendClosing({ type: 'grant.closed', reason, interrupted: false, account });
    });
    await writer.close().catch((error: unknown) => this.#warn('closing the files of the recording', error));
    await this.#untilDone('marking the end', () => markEnded(reason));
    log.info({ grant: this.order.id, reason }, 'grant ended');
    this.#resolveEnded();
  }

  /** The end goes on without this entry when it cannot be written: ending is more urgent than announcing it. */
  #tryAppend(entry: GrantClosing): void {
    try {
      this.#options.writer.appendClosing(entry);
    } catch (error) {
      this.#warn('announcing the end', error);
    }
  }

  async #endAccount(): Promise<GrantClosed['account']> {
    const { recorder, endpoint, endAccount } = this.#options;
    return await endAccount({ xaIds: recorder.xaIds, threads: endpoint.targetThreads });
  }

  #untilDone<T>(step: string, work: () => Promise<T>): Promise<T> {
    return untilDone(work, (error, tries) => this.#warn(step, error, tries));
  }

  #warn(step: string, error: unknown, tries = 1): void {
    this.#options.log.warn({ grant: this.order.id, step, tries, err: error }, 'the end of a grant is delayed');
  }
}
