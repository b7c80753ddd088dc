import { ENVELOPES, LINES_1 } from './entry-shapes.js';
import { isFields, number, ordinal, text as textShape, type Fields, type Shape } from './shape.js';

/** A line's place, as far as it says one. */
export interface LinePlace {
  readonly seq: number;
  readonly prev: string;
}

/** What a line turned out to be. `place` is there whenever the line names it, even when the rest is wrong. */
export type ReadLine =
  | { readonly place: LinePlace; readonly entry: Entry }
  | { readonly place: LinePlace | undefined; readonly wrong: string };

/** A line whose type is known and whose fields fit it. */
export type Entry = Fields & LinePlace & { readonly type: string; readonly at: string; readonly mono: number };

/** Lines of these types have one form of JSON nearly always; a million of them would be written again to see that. */
const UNWRITTEN: ReadonlySet<string> = new Set(['operation', 'statement', 'result']);

/** Reads the lines of one recording; the first says in which format the others are. */
export class LineReader {
  #shapes: ReadonlyMap<string, Shape> | undefined;
  #format: 1 | 2 | undefined;

  get format(): 1 | 2 | undefined {
    return this.#format;
  }

  read(line: string): ReadLine {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return { place: undefined, wrong: 'is not JSON' };
    }
    const wrong = this.#wrongLine(json);
    const place = isPlace(json) ? json : undefined;
    if (wrong !== undefined || !isEntry(json)) return { place, wrong: wrong ?? 'is no object' };
    if (!UNWRITTEN.has(json.type) && JSON.stringify(json) !== line) {
      return { place, wrong: 'is not in the one form of JSON that lines have' };
    }
    return { place: json, entry: json };
  }

  #wrongLine(json: unknown): string | undefined {
    if (!isFields(json)) return this.#shapes === undefined ? NOT_THE_FIRST : 'has no known type';
    const isFirst = this.#shapes === undefined;
    if (isFirst) {
      const wrong = this.#begin(json);
      if (wrong !== undefined) return wrong;
    }
    const { type } = json;
    const shape = typeof type === 'string' ? this.#shapes?.get(type) : undefined;
    if (shape === undefined) return 'has no known type';
    const wrong = shape(json);
    // A line that says no format that holds is none to read others by.
    if (wrong !== undefined && isFirst) this.#shapes = undefined;
    return wrong === undefined ? undefined : `does not fit its type ${String(type)} (${wrong})`;
  }

  #begin({ type, format }: Fields): string | undefined {
    if (type !== 'grant.opened') return NOT_THE_FIRST;
    if (format !== 1 && format !== 2) {
      return `is of a format that this verifier does not know (${JSON.stringify(format)})`;
    }
    this.#format = format;
    this.#shapes = format === 1 ? LINES_1 : ENVELOPES;
    return undefined;
  }
}

const NOT_THE_FIRST = 'is not that of grant.opened, the first';

function isPlace(json: unknown): json is LinePlace {
  return isFields(json) && ordinal(json['seq']) === undefined && textShape(json['prev']) === undefined;
}

function isEntry(json: unknown): json is Entry {
  return isPlace(json) && isFields(json) && number(json['mono']) === undefined && typeof json['type'] === 'string';
}
