/** Names of common table expressions that can be meant where a table is named. */
export interface Scope {
  readonly names: ReadonlySet<string>;
  readonly outer: Scope | undefined;
}

export const EMPTY_SCOPE: Scope = { names: new Set(), outer: undefined };

/** Compared byte for byte: where a server finds a name regardless of case, a table is listed that is not read. */
export function isInScope(scope: Scope | undefined, name: string): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if (at.names.has(name)) return true;
  return false;
}
