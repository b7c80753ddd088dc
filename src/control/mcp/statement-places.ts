import type { PrincipalId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import type { StatementRunner } from '../../protocol/statement-runner.js';

/** Each statement may have some ten megabytes of its answer in the memory of the api, and a session at an endpoint. */
export const STATEMENTS_OF_PRINCIPAL_MAX = 8;
export const STATEMENTS_MAX = 64;

/** How many statements the MCP server of this process runs at once, so that no agent takes the api away from all others. */
export class StatementPlaces {
  readonly #running = new Map<PrincipalId, number>();
  #count = 0;

  /** The runner for one principal. It throws `too_many_requests` while all places are taken. */
  runnerFor(principal: PrincipalId, runner: StatementRunner): StatementRunner {
    return {
      knows: (protocol) => runner.knows(protocol),
      words: runner.words,
      run: (...ask) => this.#placed(principal, () => runner.run(...ask)),
      describe: (...ask) => this.#placed(principal, () => runner.describe(...ask)),
    };
  }

  async #placed<T>(principal: PrincipalId, work: () => Promise<T>): Promise<T> {
    const own = this.#running.get(principal) ?? 0;
    if (own >= STATEMENTS_OF_PRINCIPAL_MAX || this.#count >= STATEMENTS_MAX) {
      const detail = `${own >= STATEMENTS_OF_PRINCIPAL_MAX ? `${own} of your statements` : `${this.#count} statements of agents`} are under way in this api.`;
      throw new BrokerError('too_many_requests', { detail });
    }
    this.#running.set(principal, own + 1);
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      const left = (this.#running.get(principal) ?? 1) - 1;
      if (left === 0) this.#running.delete(principal);
      else this.#running.set(principal, left);
    }
  }
}
