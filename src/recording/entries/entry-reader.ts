import { z } from 'zod';
import { entryOfLine } from '../format-1/entry-of-line.js';
import { isLineType, lineSchema } from '../format-1/line-schema.js';
import { isUsualLine } from '../format-1/line-shape.js';
import type { RecordedProtocol, RecordedProtocols } from '../recorded-protocol.js';
import { ENVELOPE_SCHEMAS, isEntryType } from './envelope-schema.js';
import { isUsualEnvelope } from './envelope-shape.js';
import type { Entry, GrantOpened } from './entries.js';
import { ordinal } from './fields.js';
import { isFields, type JsonFields } from './json-shape.js';

const numbered = z.object({ seq: ordinal, prev: z.string() });

export interface ReadEntry {
  readonly entry: Entry;
  /** The line as it stands in the file, which for format 1 has other names than the entry. */
  readonly written: object;
}

/** What a line turned out to be. `chain` is there whenever the line names its place, even when the rest is wrong. */
export type ParsedLine =
  | ReadEntry
  | { readonly chain: { readonly seq: number; readonly prev: string } | undefined; readonly wrong: string };

/** `isUsual`: of a shape that has one form of JSON nearly always, so that it need not be written again to see that. */
type Parsed = { readonly entry: Entry; readonly isUsual: boolean } | { readonly wrong: string };

const NOT_THE_FORM = 'is not in the one form of JSON that lines have';

/**
 * Reads the lines of one recording. The first that it is given is the first of the recording, which says in which format
 * the lines are and whose protocol knows their bodies; where this build has that protocol, bodies are checked as strictly
 * as envelopes. What is wrong with a line is a value, not an exception.
 */
export class EntryReader {
  readonly #protocols: RecordedProtocols;
  readonly #checksForm: boolean;
  #opened: GrantOpened | undefined;
  #protocol: RecordedProtocol | undefined;

  /** `anyForm`: lines are taken that are not in the one form of JSON. It is for what proves nothing and reads every line. */
  constructor(protocols: RecordedProtocols, { anyForm = false }: { readonly anyForm?: boolean } = {}) {
    this.#protocols = protocols;
    this.#checksForm = !anyForm;
  }

  /** The recording's protocol, where this build has it. */
  get protocol(): RecordedProtocol | undefined {
    return this.#protocol;
  }

  /** Of the lines; undefined before the first. */
  get format(): 1 | 2 | undefined {
    return this.#opened?.format;
  }

  parse(line: Buffer): ParsedLine {
    const text = line.toString('utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return { chain: undefined, wrong: 'is not JSON' };
    }
    const parsed = this.#parse(json);
    if ('wrong' in parsed || !isFields(json)) {
      return { chain: numbered.safeParse(json).data, wrong: 'wrong' in parsed ? parsed.wrong : 'is no object' };
    }
    // Writing an operation or a result again would cost as much as reading it, and there are a million of them.
    if (this.#checksForm && !parsed.isUsual && JSON.stringify(json) !== text)
      return { chain: parsed.entry, wrong: NOT_THE_FORM };
    return { entry: parsed.entry, written: json };
  }

  #parse(json: unknown): Parsed {
    if (this.#opened !== undefined) return this.#opened.format === 1 ? parseLine1(json) : this.#parseLine2(json);
    if (!isFields(json) || json['type'] !== 'grant.opened') return { wrong: 'is not that of grant.opened, the first' };
    const first = this.#parseFirst(json);
    if ('entry' in first && first.entry.type === 'grant.opened') this.#opened = first.entry;
    return first;
  }

  #parseFirst(json: JsonFields): Parsed {
    switch (json['format']) {
      case 1:
        return parseLine1(json);
      case 2: {
        const { target } = json;
        const name = isFields(target) ? target['protocol'] : undefined;
        this.#protocol = typeof name === 'string' ? this.#protocols.get(name) : undefined;
        return this.#parseLine2(json);
      }
      default:
        return { wrong: `is of a format that this version does not know (${JSON.stringify(json['format'])})` };
    }
  }

  #parseLine2(json: unknown): Parsed {
    if (isUsualEnvelope(json)) {
      const { type, body } = json;
      if (this.#protocol === undefined) return { entry: json, isUsual: body === undefined };
      const isNamed = type === 'result' || isOperationName(json.name, this.#protocol);
      if (isNamed && body !== undefined && this.#protocol.isUsualBody?.(type, body) === true)
        return { entry: json, isUsual: true };
    }
    const type = typeOf(json);
    if (type === undefined || !isEntryType(type)) return { wrong: 'has no known type' };
    const parsed = ENVELOPE_SCHEMAS[type].safeParse(json);
    if (!parsed.success) return { wrong: misfit(type, parsed.error) };
    const wrong = this.#protocol === undefined ? undefined : bodyFault(parsed.data, this.#protocol);
    return wrong === undefined ? { entry: parsed.data, isUsual: false } : { wrong };
  }
}

function parseLine1(json: unknown): Parsed {
  if (isUsualLine(json)) return { entry: entryOfLine(json), isUsual: true };
  const type = typeOf(json);
  if (type === undefined || !isLineType(type) || !isFields(json)) return { wrong: 'has no known type' };
  const parsed = lineSchema(type, json).safeParse(json);
  return parsed.success ? { entry: entryOfLine(parsed.data), isUsual: false } : { wrong: misfit(type, parsed.error) };
}

function isOperationName(name: string, { operationNames }: RecordedProtocol): boolean {
  return operationNames?.has(name) ?? true;
}

function bodyFault(entry: Entry, protocol: RecordedProtocol): string | undefined {
  const { name, bodies } = protocol;
  if (entry.type === 'operation' && !isOperationName(entry.name, protocol)) return `has no name that ${name} knows`;
  const body = 'body' in entry ? entry.body : undefined;
  const schema = bodies[entry.type];
  if (schema === undefined)
    return body === undefined ? undefined : `has a body, which ${entry.type} of ${name} has not`;
  const parsed = schema.safeParse(body);
  return parsed.success ? undefined : misfit(entry.type, parsed.error, ['body']);
}

function typeOf(json: unknown): string | undefined {
  if (!isFields(json)) return undefined;
  const { type } = json;
  return typeof type === 'string' ? type : undefined;
}

function misfit(type: string, { issues }: z.ZodError, within: readonly string[] = []): string {
  const fields = issues.map(({ path, code }) => [...within, ...path].join('.') || code).join(', ');
  return `does not fit its type ${type} (${fields})`;
}
