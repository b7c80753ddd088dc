import type { GrantOrder } from '../../gateway/ports.js';
import type { EndOfAccess, Entry, GrantOpened } from '../../recording/entries/entries.js';

/** What the gateway's own code does for grants whose gateway is gone. */
export interface TargetEnder {
  /** The entry that a recording begins with, for a gateway that died before it wrote it. */
  openedEntry(order: GrantOrder, gatewayId: string): GrantOpened;
  /**
   * Leaves nothing of a grant on its target, by the protocol of the target, and looks that it is gone. `recorded` tells
   * what was done there. Safe to run again.
   * @throws BrokerError while the target cannot be reached; `protocol_unknown`
   */
  end(order: GrantOrder, recorded: AsyncIterable<Entry>): Promise<EndOfAccess>;
}
