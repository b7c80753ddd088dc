import type { Socket } from 'node:net';
import type { ServedSession } from '../../../src/gateway/gateway-protocol.js';
import type { GrantRecorder } from '../../../src/gateway/grant-recorder.js';
import { approvalAskedEntry, approvalDecidedEntry, forwardedEntry } from '../../../src/gateway/held-entries.js';
import type { AccessWindow, OperationGate } from '../../../src/gateway/operation-gate.js';
import type { Clock } from '../../../src/kernel/clock.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import type { ErrorCode } from '../../../src/kernel/errors/error-table.js';
import type { SessionClosed } from '../../../src/recording/entries/entries.js';
import { HeldLine } from './held-line.js';
import type { EchoJudge } from './judge.js';
import { readLine } from './lines.js';
import { type EchoWire, HEARD, NO, refusalLine } from './wire.js';

export interface EchoSessionOptions {
  readonly number: number;
  readonly client: EchoWire;
  readonly target: EchoWire;
  readonly recorder: GrantRecorder;
  readonly judge: EchoJudge;
  readonly gate: OperationGate;
  readonly clock: Clock;
}

/** An operation that went to the target and has no answer yet. */
interface Open {
  readonly operation: number;
  readonly name: string;
  readonly sinceUs: number;
  readonly window: AccessWindow | undefined;
}

/** A client may send so many lines ahead of their answers; then nothing is read from it. */
const OPEN_MAX = 32;

/**
 * Both sides of a session. Lines that are allowed go to the target as they come, any number of them at a time; one that is
 * held or refused waits for the answers of those before it, so that answers stay in their order.
 */
export class EchoSession implements ServedSession {
  readonly ended: Promise<void>;
  readonly #end: () => void;
  readonly #options: EchoSessionOptions;
  readonly #open: Open[] = [];
  /** Of what went to the target, what the client has no answer to yet. */
  #unanswered = 0;
  readonly #gone = new AbortController();
  #reason: SessionClosed['reason'] | undefined;
  #code: ErrorCode | undefined;
  /** Those who wait for answers. */
  #onAnswer: (() => void)[] = [];

  constructor(options: EchoSessionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** The session has begun: its first entry is appended. */
  start(): void {
    void this.#run().finally(this.#end);
  }

  end(code: ErrorCode): void {
    this.#over('grant-closed', code);
  }

  async #run(): Promise<void> {
    const { client, target } = this.#options;
    await Promise.all([this.#fromClient(), this.#fromTarget()]);
    const gone = [client, target].filter(({ socket }) => !socket.closed).map(({ socket }) => closed(socket));
    await Promise.all(gone);
    this.#recordEnd();
  }

  async #fromClient(): Promise<void> {
    const { client } = this.#options;
    try {
      for (let line = await client.next(); line !== 'QUIT'; line = await client.next()) {
        if (line === undefined) return this.#over('client-gone', undefined);
        await this.#take(line);
        await this.#until(() => this.#unanswered < OPEN_MAX);
      }
      await this.#until(() => this.#unanswered === 0);
      this.#over('client-quit', undefined);
    } catch (error) {
      this.#over('failed', error instanceof BrokerError ? error.code : 'internal');
    }
  }

  async #fromTarget(): Promise<void> {
    const { target, client, recorder } = this.#options;
    for (let line = await target.next(); line !== undefined; line = await target.next()) {
      const answer = line;
      if (answer.startsWith(HEARD)) {
        const fields = { type: 'note', session: this.#options.number, name: 'HEARD', body: { line: answer } } as const;
        recorder.append(fields, () => client.send(answer));
      } else this.#answered(answer);
    }
    this.#over('target-gone', 'target_leg_lost');
  }

  async #take(text: string): Promise<void> {
    const { number: session, recorder, judge, clock } = this.#options;
    if (!recorder.admits) return this.#refuse(new BrokerError('recording_unavailable'));
    const line = readLine(text);
    const operation = recorder.nextOperation();
    const { ruling, policies, why } = judge.judge(line);
    const { verdict } = ruling;
    const fields = {
      type: 'operation',
      session,
      operation,
      name: line.verb,
      verdict,
      policies,
      shape: null,
      ...(verdict === 'allow' ? {} : { why }),
      body: { line: text },
    } as const;
    const one = { operation, name: line.verb };
    if (verdict === 'allow') {
      this.#opened({ ...one, sinceUs: clock.monotonicUs(), window: undefined });
      return recorder.append(fields, () => this.#forward(text));
    }
    recorder.append(fields);
    await this.#until(() => this.#unanswered === 0);
    if (verdict === 'deny') return this.#refuse(new BrokerError(ruling.code, detailOf(ruling.detail)));
    await this.#hold(new HeldLine({ session, operation, line }, judge), text, line.verb);
  }

  async #hold(held: HeldLine, text: string, name: string): Promise<void> {
    const { number: session, recorder, gate, clock } = this.#options;
    const of = { session, operation: held.operation };
    const admission = await gate.admit(held, {
      signal: this.#gone.signal,
      onAsked: (standing, terms) => recorder.append(approvalAskedEntry(of, standing, terms)),
      onDecided: (standing) => {
        if (standing.state !== 'pending') recorder.append(approvalDecidedEntry(of, standing, standing.state));
      },
    });
    if (admission.kind === 'refuse') return this.#refuse(new BrokerError(admission.code, detailOf(admission.detail)));
    const { window, approval } = admission;
    const { given } = window;
    this.#opened({ operation: held.operation, name, sinceUs: clock.monotonicUs(), window });
    recorder.append(forwardedEntry(of, { approval, given, rowsMax: null }), () => this.#forward(text));
  }

  #forward(line: string): void {
    if (this.#reason === undefined) this.#options.target.send(line);
  }

  #answered(answer: string): void {
    const { client, recorder, clock } = this.#options;
    const open = this.#open.shift();
    if (open === undefined) return this.#over('failed', 'target_protocol_violation');
    void open.window?.close();
    const outcome = answer.startsWith(NO) ? 'error' : 'ok';
    const durationUs = clock.monotonicUs() - open.sinceUs;
    recorder.append({ ...this.#resultOf(open), outcome, durationUs, body: { answer } }, () => {
      client.send(answer);
      this.#unanswered -= 1;
      this.#tell();
    });
  }

  #opened(open: Open): void {
    this.#open.push(open);
    this.#unanswered += 1;
  }

  #refuse(fault: BrokerError): void {
    this.#options.client.send(refusalLine(fault));
  }

  #resultOf({ operation, name }: Open) {
    return { type: 'result', session: this.#options.number, operation, name } as const;
  }

  /** The first reason counts. Whatever waits is told, and both sides are ended. */
  #over(reason: SessionClosed['reason'], code: ErrorCode | undefined): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#code = code;
    const { client, target } = this.#options;
    const fault = new BrokerError(code ?? 'client_gone');
    this.#gone.abort(fault);
    target.socket.destroy();
    if (code === undefined) client.socket.end();
    else client.endWith(refusalLine(fault));
    this.#tell();
  }

  #recordEnd(): void {
    const { number: session, recorder, clock } = this.#options;
    for (const open of this.#open) {
      void open.window?.close();
      const durationUs = clock.monotonicUs() - open.sinceUs;
      recorder.append({ ...this.#resultOf(open), outcome: 'unknown', durationUs });
    }
    const code = this.#code === undefined ? {} : { code: this.#code };
    recorder.append({ type: 'session.closed', session, reason: this.#reason ?? 'failed', ...code });
  }

  /** Resolves when it is so, or the session is over. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.#reason === undefined) {
      await new Promise<void>((resolve) => this.#onAnswer.push(resolve));
    }
  }

  #tell(): void {
    const waiting = this.#onAnswer;
    this.#onAnswer = [];
    for (const go of waiting) go();
  }
}

/** An error before it is no failure: the connection is gone all the same. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function detailOf(detail: string | undefined): { readonly detail?: string } {
  return detail === undefined ? {} : { detail };
}
