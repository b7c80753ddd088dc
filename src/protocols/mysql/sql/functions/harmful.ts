import type { Flavour } from '../../flavour.js';

/**
 * Built-in functions that lock, wait, count on, read files, or tell of accounts and other sessions. A call of one is as
 * unknown as a stored function, but there is no routine behind it that a privilege could be given on.
 */
const BOTH: ReadonlySet<string> = new Set([
  'sleep',
  'benchmark',
  'load_file',
  'get_lock',
  'release_lock',
  'release_all_locks',
  'is_free_lock',
  'is_used_lock',
  'name_const',
  'master_pos_wait',
]);
const MARIADB: ReadonlySet<string> = new Set([
  'nextval',
  'lastval',
  'setval',
  'master_gtid_wait',
  'binlog_gtid_pos',
  'encrypt',
  'encode',
  'decode',
  'des_encrypt',
  'des_decrypt',
  'password',
  'old_password',
]);
const MYSQL: ReadonlySet<string> = new Set([
  'source_pos_wait',
  'wait_for_executed_gtid_set',
  'validate_password_strength',
  'ps_current_thread_id',
  'ps_thread_id',
  'roles_graphml',
]);

/** Whether an unqualified call of this name is a built-in function that does more than compute. */
export function isHarmfulFunction(name: string, flavour: Flavour): boolean {
  const lower = name.toLowerCase();
  return BOTH.has(lower) || (flavour === 'mariadb' ? MARIADB : MYSQL).has(lower);
}
