/** A table as CSV (RFC 4180), for spreadsheets: no cell of it is taken for a formula. */
export function csvText(lines: readonly (readonly string[])[]): string {
  return `${lines.map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** A spreadsheet takes a cell that begins so for a formula, also of an agent's text. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
