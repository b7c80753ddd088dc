import { assert } from '../../../../kernel/assert.js';
import { BrokerError } from '../../../../kernel/errors.js';
import type { ErrPacket } from '../../wire/packets.js';

/** The target answered a statement that the gateway ran in a client's session with ERR. */
export class OwnStatementRefused extends BrokerError {
  constructor(readonly packet: ErrPacket) {
    super('target_statement_refused', { detail: `The target answered ${packet.errno} (${packet.sqlState}).` });
  }
}

/** To be caught with: a refusal is no answer. @throws everything else */
export function ignoringRefusal(error: unknown): undefined {
  if (!(error instanceof OwnStatementRefused)) throw error;
}

/** The answer to a statement of the gateway's own, as it comes; one at a time. */
export class OwnExchange {
  #waiting: PromiseWithResolvers<Buffer> | undefined;
  #chunks: Buffer[] = [];

  /** An answer is waited for. */
  get isOpen(): boolean {
    return this.#waiting !== undefined;
  }

  /** Resolves with the whole answer. @throws OwnStatementRefused; what it was abandoned with */
  begin(): Promise<Buffer> {
    assert(this.#waiting === undefined, 'the gateway runs one statement of its own at a time');
    this.#waiting = Promise.withResolvers<Buffer>();
    this.#chunks = [];
    return this.#waiting.promise;
  }

  take(chunk: Buffer): void {
    this.#chunks.push(Buffer.from(chunk)); // a copy: it is read after its chunk is gone
  }

  end(error: ErrPacket | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiting?.resolve(Buffer.concat(this.#chunks));
    else waiting?.reject(new OwnStatementRefused(error));
  }

  /** Nobody will answer any more. */
  abandon(reason: Error): void {
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }
}
