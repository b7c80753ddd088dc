import { randomBytes } from 'node:crypto';

/**
 * Names that MySQL and MariaDB allow and that something on the way trips over when it quotes too little, takes a name
 * for a pattern, or cuts it at a sign. For databases, tables and columns.
 */
export const HOSTILE_NAMES: readonly string[] = [
  'with-hyphen',
  'with space',
  'with.dot',
  'with`backtick',
  `with'quote`,
  'with"double',
  'with%percent',
  'with_underscore',
  'with\\backslash',
  'With UPPER Case',
  'mit-ümläut-名',
  '-- no comment',
  '/*!50000 not one */',
  '$${`}{{#1}}',
  // All of it, in as many characters as a name may have.
  '-. `\'"%_\\Aü'.padEnd(64, 'x'),
];

const ALL_OF_IT = '-. `\'"%_\\Aü';

/** A name for a database of a test's own with every sign in it that names may have, and may be mistaken. */
export function hostileName(): string {
  return `t_${randomBytes(6).toString('hex')}${ALL_OF_IT}z`;
}

/** The same for an account, which has 32 characters at most. */
export function hostileAccountName(): string {
  return `p_${randomBytes(6).toString('hex')}${ALL_OF_IT}z`;
}

/** Targets stand in addresses, so their names have few signs; these are all of them, in 64 characters. */
export function hostileTargetName(): string {
  return `9._-${randomBytes(6).toString('hex')}`.padEnd(64, '-._x');
}
