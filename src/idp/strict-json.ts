/** Why a text is not taken as JSON. */
export type JsonFault = 'not_json' | 'duplicate_member';

export type StrictJson = { readonly value: unknown } | { readonly fault: JsonFault };

const DEPTH_MAX = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * Parses JSON in which no object has a member twice, at most 32 levels deep. `JSON.parse` takes the last of two members
 * and other readers the first, so that two of them would see two different texts.
 */
export function parseStrictJson(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'not_json' };
  }
  const fault = faultOfMembers(text);
  return fault === undefined ? { value } : { fault };
}

/** Walks the tokens of a text that is JSON. */
function faultOfMembers(text: string): JsonFault | undefined {
  /** The members of every object that is open, null for a list. */
  const open: (Set<string> | null)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > DEPTH_MAX) return 'not_json';
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      const members = open.at(-1);
      const name: unknown = JSON.parse(previous);
      if (typeof name !== 'string' || !(members instanceof Set)) return 'not_json';
      if (members.has(name)) return 'duplicate_member';
      members.add(name);
    }
    previous = token;
  }
  return undefined;
}
