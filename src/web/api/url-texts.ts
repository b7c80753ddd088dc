/** Those of the named members of a page's query that are there, as texts: `?text=12` is the text 12. */
export function urlTexts<const Names extends readonly string[]>(
  search: Readonly<Record<string, unknown>>,
  names: Names,
): { readonly [Name in Names[number]]?: string } {
  const found: Partial<Record<string, string>> = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === 'string' && value !== '') found[name] = value;
    if (typeof value === 'number' || typeof value === 'boolean') found[name] = String(value);
  }
  return found as { readonly [Name in Names[number]]?: string };
}
