/** What a test reads of a mail: its headers by their names in lower case, and both of its texts. */
export interface ReadMail {
  /** As it came, one character for each byte. */
  readonly raw: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
  readonly html: string;
}

/** Reads a mail with a plain and an HTML part (RFC 2045, 2046). @throws Error when it has not exactly these */
export function readMail(raw: string): ReadMail {
  const { headers, body } = split(raw);
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '')?.[1];
  if (boundary === undefined) throw new Error('the mail has no parts');
  // The line break before a boundary is the boundary's own.
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '').replace(/\r\n$/, '')));
  const of = (type: string): string => {
    const found = parts.filter((part) => part.headers.get('content-type')?.[0]?.startsWith(type));
    const [part] = found;
    if (part === undefined || found.length !== 1) throw new Error(`the mail has ${found.length} parts of ${type}`);
    return decoded(part.body, part.headers.get('content-transfer-encoding')?.[0] ?? '7bit');
  };
  return { raw, headers, text: of('text/plain'), html: of('text/html') };
}

function split(text: string): { readonly headers: ReadonlyMap<string, readonly string[]>; readonly body: string } {
  const at = text.indexOf('\r\n\r\n');
  const lines = text
    .slice(0, at)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const pairs = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const headers = new Map<string, string[]>();
  for (const [name, value] of pairs) headers.set(name, [...(headers.get(name) ?? []), value]);
  return { headers, body: text.slice(at + 4) };
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8');
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
