import type { Access } from './access.js';

/**
 * The database that a grant's connection starts in: the target's default one when the access reaches it, else the
 * first that the access names.
 */
export function connectionDatabase(access: readonly Access[], defaultDatabase: string | null): string | null {
  const reaches = access.some((rule) => rule.database === defaultDatabase);
  return reaches ? defaultDatabase : (access[0]?.database ?? null);
}
