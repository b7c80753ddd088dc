import type { SqlDialect } from './dialect.js';

const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\u001A' };

/**
 * The value of a text literal as it was written, quotes included; undefined for one with a letter in front (`N'…'`).
 * https://dev.mysql.com/doc/refman/9.7/en/string-literals.html
 */
export function decodeText(source: string, dialect: SqlDialect): string | undefined {
  const quote = source.slice(0, 1);
  if ((quote !== "'" && quote !== '"') || !source.endsWith(quote) || source.length < 2) return undefined;
  const body = source.slice(1, -1);
  const pattern = dialect.sqlMode.noBackslashEscapes ? /(['"])\1/g : /\\([\s\S])|(['"])\2/g;
  return body.replaceAll(pattern, (found: string, first: string | undefined) => {
    if (!found.startsWith('\\') || first === undefined) return found.startsWith(quote) ? quote : found;
    return ESCAPES[first] ?? (first === '%' || first === '_' ? found : first);
  });
}
