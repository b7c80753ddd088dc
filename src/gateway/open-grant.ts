import { CLOSE_ERROR, type CloseReason } from '../domain/grant.js';
import type { Clock } from '../kernel/clock.js';
import type { ErrorCode } from '../kernel/errors/error-table.js';
import type { GrantClosing } from '../recording/entries/entries.js';
import type { RecordingWriter } from '../recording/write/writer.js';
import type { Endpoint } from './endpoint.js';
import type { GrantTarget } from './gateway-protocol.js';
import type { GrantRecorder } from './grant-recorder.js';
import type { GatewayLog, GrantAuthority, GrantOrder } from './ports.js';
import { untilDone } from './until-done.js';

export interface OpenGrantOptions {
  readonly order: GrantOrder;
  readonly port: number;
  readonly endpoint: Pick<Endpoint, 'stopAccepting' | 'endSessions' | 'sessionCount'>;
  readonly target: GrantTarget;
  readonly recorder: GrantRecorder;
  readonly writer: RecordingWriter;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly authority: Pick<GrantAuthority, 'beginClose' | 'ended'>;
  readonly discardRecording: () => Promise<void>;
}

/** One grant that this gateway holds: its deadline by the gateway's own clock, and its end, which happens once. */
export class OpenGrant {
  readonly order: GrantOrder;
  readonly port: number;
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
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** Makes what its sessions log in with at the target. @throws BrokerError; then {@link abandon} takes it back */
  makeAccess(): Promise<void> {
    return this.#options.target.makeAccess();
  }

  /** From here on the deadline and a failing recording end the grant; before, who opens it takes it back. */
  start(): void {
    const { order, target, clock, writer, log, authority } = this.#options;
    target.start();
    this.#deadline = setTimeout(() => this.#expire(), order.deadlineMs - clock.nowMs());
    writer.onFailure((failure) => {
      log.error({ grant: order.id, err: failure }, 'the recording cannot be written; the grant ends');
      // The state follows when its database is back; the end does not wait for it.
      authority.beginClose(order.id, 'failed').catch(() => false);
      this.end('failed', null, 'recording_unavailable');
    });
  }

  /** Keeps up with the policies in force. */
  follow(): void {
    this.#options.target.follow();
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
   * Takes back a grant that never became active: access, listener and recording are gone afterwards.
   * @throws what the target says when its access cannot be ended now; the grant then still needs {@link end}
   */
  async abandon(): Promise<void> {
    const { endpoint, target, writer, discardRecording } = this.#options;
    await target.endAccess();
    this.#ending = true;
    clearTimeout(this.#deadline);
    endpoint.stopAccepting('open_failed');
    await target.close();
    await writer.close();
    await discardRecording();
  }

  /**
   * Lets go of the grant because this gateway's lease is gone: the reaper ends it and writes the end of its recording.
   * Here everything is cut, and the access is ended too if the target can be reached: that is safe to do twice.
   */
  async forsake(): Promise<void> {
    this.#forsaken = true;
    if (this.#ending) return;
    this.#ending = true;
    clearTimeout(this.#deadline);
    const { endpoint, target, recorder, writer } = this.#options;
    recorder.freeze();
    endpoint.stopAccepting(CLOSE_ERROR.failed);
    await endpoint.endSessions(CLOSE_ERROR.failed);
    await target.close();
    await target.endAccess().catch((error: unknown) => this.#warn('ending the access to the target', error));
    await writer.close().catch((error: unknown) => this.#warn('closing the files of the recording', error));
    this.#resolveEnded();
  }

  /** Does not wait for the state database: losing it never prolongs a grant. */
  #expire(): void {
    this.#options.authority.beginClose(this.order.id, 'expired').catch(() => false);
    this.end('expired', null, CLOSE_ERROR.expired);
  }

  async #end(reason: CloseReason, by: string | null, code: ErrorCode): Promise<void> {
    const { endpoint, target, writer, log } = this.#options;
    endpoint.stopAccepting(code, true);
    this.#tryAppend({ type: 'grant.closing', reason, by });
    await endpoint.endSessions(code);
    await target.close();
    const end = await this.#untilDone('ending the access to the target', () => target.endAccess());
    if (this.#forsaken) return; // the reaper writes the end of the recording; two must not
    await this.#untilDone('closing the recording', async () => {
      writer.appendClosing({ type: 'grant.closed', reason, interrupted: false, ...end });
    });
    await writer.close().catch((error: unknown) => this.#warn('closing the files of the recording', error));
    await this.#untilDone('marking the end', () => this.#markEnded(reason));
    log.info({ grant: this.order.id, reason }, 'grant ended');
    this.#resolveEnded();
  }

  async #markEnded(reason: CloseReason): Promise<void> {
    const { authority } = this.#options;
    await authority.beginClose(this.order.id, reason); // the state database may have been away when the end began
    await authority.ended(this.order.id);
  }

  /** The end goes on without this entry when it cannot be written: ending is more urgent than announcing it. */
  #tryAppend(entry: GrantClosing): void {
    try {
      this.#options.writer.appendClosing(entry);
    } catch (error) {
      this.#warn('announcing the end', error);
    }
  }

  #untilDone<T>(step: string, work: () => Promise<T>): Promise<T> {
    return untilDone(work, (error, tries) => this.#warn(step, error, tries));
  }

  #warn(step: string, error: unknown, tries = 1): void {
    this.#options.log.warn({ grant: this.order.id, step, tries, err: error }, 'the end of a grant is delayed');
  }
}
