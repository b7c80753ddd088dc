const MENTIONS_XA = /\bxa\b/i;
// Every part has a bound, so that no text makes the search slow. An id part has at most 64 bytes.
const GAP = String.raw`(?:\s|/\*(?!M?!)(?:[^*]|\*(?!/)){0,256}\*/|/\*M?!\d{0,6}|\*/){0,64}`;
const LITERAL = String.raw`(?:[xX]'[0-9a-fA-F]{0,128}'|0x[0-9a-fA-F]{1,128}|'(?:[^'\\]|''|\\.){0,64}'|"(?:[^"\\]|""|\\.){0,64}")`;
const XA_STATEMENT = new RegExp(
  `\\bXA${GAP}(?:START|BEGIN|END|PREPARE)${GAP}(${LITERAL})(?:${GAP},${GAP}(${LITERAL})(?:${GAP},${GAP}(0x[0-9a-fA-F]{1,8}|\\d{1,10}))?)?`,
  'gi',
);

const EXECUTABLE_COMMENT = /\/\*M?!(?:[^*]|\*(?!\/)){0,1024}\*\//g;

/** Whether a text can name an XA transaction at all; nearly none can. */
export function mentionsXa(text: string): boolean {
  return MENTIONS_XA.test(text);
}

/** The ids of XA transactions that a statement's text names, wherever in the text; `text` holds one character a byte. */
export function xaIdsIn(text: string): readonly string[] {
  if (!mentionsXa(text)) return [];
  if (!text.includes('/*!') && !text.includes('/*M!')) return idsIn(text);
  // A server runs an executable comment or skips it: both are looked at.
  return [...new Set([...idsIn(text), ...idsIn(text.replaceAll(EXECUTABLE_COMMENT, ' '))])];
}

function idsIn(text: string): readonly string[] {
  const ids = [];
  for (const [, gtrid, bqual, format] of text.matchAll(XA_STATEMENT)) {
    if (gtrid === undefined) continue;
    ids.push(
      formatXid(literalBytes(gtrid), bqual === undefined ? Buffer.alloc(0) : literalBytes(bqual), Number(format ?? 1)),
    );
  }
  return ids;
}

function literalBytes(literal: string): Buffer {
  if (/^x'/i.test(literal)) return Buffer.from(literal.slice(2, -1), 'hex');
  if (/^0x/i.test(literal)) return Buffer.from(literal.slice(2), 'hex');
  const quote = literal.slice(0, 1);
  const inner = literal.slice(1, -1).replaceAll(quote + quote, quote);
  return Buffer.from(inner.replaceAll(/\\(.)/gs, '$1'), 'latin1');
}

/** An XA id as statements take it: `X'gtrid',X'bqual',format`. */
export function formatXid(gtrid: Buffer, bqual: Buffer, format: number): string {
  return `X'${gtrid.toString('hex')}',X'${bqual.toString('hex')}',${format}`;
}
