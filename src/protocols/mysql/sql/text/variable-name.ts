const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * The name of a system variable as servers compare it: `sql_modé` is `sql_mode`.
 *
 * Source: system variables are looked up by the collation of names, `utf8mb3_general_ci` (sql/set_var.cc).
 */
export function comparedName(name: string): string {
  const lower = name.toLowerCase();
  if (!BEYOND_ASCII.test(lower)) return lower;
  return lower.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 's').replaceAll('ı', 'i');
}
