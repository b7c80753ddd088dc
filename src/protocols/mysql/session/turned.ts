import type { Refused } from '../../../gateway/gate-refusals.js';
import type { ErrPacket } from '../wire/packets.js';

/** It does not run, since it cannot: the target itself says why. */
export interface Impossible {
  readonly kind: 'refuse';
  readonly answer: ErrPacket;
}

/** Why a statement does not run: the broker does not let it, or the target would not take it. */
export type Turned = Refused | Impossible;
