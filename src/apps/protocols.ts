import type { TargetProtocol } from '../protocol/target-protocol.js';
import { MYSQL } from '../protocols/mysql/target.js';

/** The protocols that this build knows: the one place that names them all. */
export const PROTOCOLS: readonly TargetProtocol[] = [MYSQL];
