import type { TargetProtocol } from '../../domain/protocol.js';
import { wireCodeOf } from './wire-codes.js';

/** What MySQL and MariaDB speak. */
export const MYSQL: TargetProtocol = {
  name: 'mysql',
  title: 'MySQL',
  wireCode(code) {
    const { errno, sqlState } = wireCodeOf(code);
    return `${errno} (${sqlState})`;
  },
};
