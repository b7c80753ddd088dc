import type { TargetProtocol } from '../../protocol/target-protocol.js';
import { SQL_VOCABULARY } from '../sql/policy/vocabulary.js';
import { wireCodeOf } from './wire-codes.js';

/** What MySQL and MariaDB speak. */
export const MYSQL: TargetProtocol = {
  name: 'mysql',
  title: 'MySQL',
  vocabulary: SQL_VOCABULARY,
  wireCode(code) {
    const { errno, sqlState } = wireCodeOf(code);
    return `${errno} (${sqlState})`;
  },
};
