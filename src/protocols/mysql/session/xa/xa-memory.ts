import { BrokerError } from '../../../../kernel/errors.js';
import type { StatementText } from '../../../sql/bound-values.js';
import { mentionsXa, xaIdsIn } from './xa.js';

const XA_IDS_MAX = 10_000;

/**
 * The XA transactions that the statements of one grant named. A prepared one survives its connection and its account, and
 * the target keeps no owner for it: so the end of the grant has to know them.
 */
export class XaMemory {
  readonly #ids = new Set<string>();

  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /**
   * Looks for ids in a statement's bytes, which are read only where what is written of them may have one.
   * @throws BrokerError `command_refused` when it is more than can be kept in mind
   */
  note(bytes: Buffer, written: StatementText): void {
    if ('text' in written && !mentionsXa(written.text)) return;
    for (const id of xaIdsIn(bytes.toString('latin1'))) {
      if (this.#ids.size >= XA_IDS_MAX) {
        throw new BrokerError('command_refused', {
          detail: `One grant can name at most ${XA_IDS_MAX} XA transactions.`,
        });
      }
      this.#ids.add(id);
    }
  }
}
