import { randomBytes } from 'node:crypto';

const ALL_OF_IT = '-. `\'"%_\\Aü';

/**
 * Names that MySQL and MariaDB allow and that something on the way trips over when it quotes too little, takes a name
 * for a pattern, or cuts it at a sign. For databases, tables and columns.
 */
export const HOSTILE_NAMES: readonly string[] = [
  'with-hyphen',
  'with space.dot',
  'with`backtick',
  `with'quote"s`,
  'with%percent_underscore',
  'with\\backslash',
  'With UPPER Case ümläut 名',
  '-- /*!50000 no comment */ $${}',
  // As many characters as a name may have, with the signs that no pattern has to escape; then with all of them: no
  // server takes a pattern of more than 64 characters, so that a database's name may have three less.
  `-. \`'"Aü`.padEnd(64, 'x'),
  ALL_OF_IT.padEnd(61, 'x'),
];

/**
 * What every test's names have. Those that end a quoted name are in the list above alone: the libraries of some clients
 * cannot quote them, and neither can a statement that a test writes by hand. So are those beyond ASCII: an ordinary client
 * that does not log in with utf8mb4 is refused them at login.
 */
const ORDINARY = '-. %_A';

/** A name for a database of a test's own, random, and hostile as {@link ORDINARY} says. */
export function hostileName(): string {
  return `t_${randomBytes(6).toString('hex')}${ORDINARY}z`;
}

/** The same for an account, which has 32 characters at most. */
export function hostileAccountName(): string {
  return `p_${randomBytes(6).toString('hex')}${ORDINARY}z`;
}

/** Targets stand in addresses, so their names have few signs. */
export function hostileTargetName(): string {
  return `9._-${randomBytes(6).toString('hex')}-.`;
}
