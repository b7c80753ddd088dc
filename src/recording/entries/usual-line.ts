import type { BytesReference, TypedEntry } from './entries.js';
import { JsonBytes, JsonWalker } from './json-walker.js';

/** What the order of entries is told of an operation. */
export type UsualOperation = Pick<TypedEntry<'operation'>, 'type' | 'mono' | 'session' | 'operation'>;

/** What the order of entries is told of a result, and the bytes that it refers to. */
export interface UsualResult extends Pick<TypedEntry<'result'>, 'type' | 'mono' | 'session'> {
  readonly operation?: number | undefined;
  readonly request?: BytesReference | undefined;
  readonly response?: BytesReference | undefined;
}

/** Reads on after the head of a line, to its end with the newline; undefined for a line that is not usual. */
export type UsualForm = (json: JsonWalker, mono: number) => UsualOperation | UsualResult | undefined;

const SEQ = JsonBytes.of('{"seq":');
const PREV = JsonBytes.of(',"prev":"');
const AT = JsonBytes.of('","at":"');
const MONO = JsonBytes.of('","mono":');

const DIGEST_DIGITS = 64;
const NOTHING = new JsonBytes(Buffer.alloc(0));

/**
 * Reads the lines of operations and results as gateways write them, in place and at a third of what `EntryReader` costs.
 * What it takes, `EntryReader` takes too, and says the same of it. What it does not take may be right all the same:
 * `EntryReader` decides, and says what is wrong.
 */
export class UsualLineReader {
  readonly #form: UsualForm;
  readonly #json = new JsonWalker();
  #digests = NOTHING;
  #timeAt = 0;

  constructor(form: UsualForm) {
    this.#form = form;
  }

  /** Where the line ends that was taken last: the place of its newline. */
  get end(): number {
    return this.#json.at - 1;
  }

  /** Where the time of that line stands. */
  get timeAt(): number {
    return this.#timeAt;
  }

  /** Takes lines to read, which are UTF-8, and the digests in hex that they may name as the one before. */
  begin(lines: Buffer, digests: Buffer): void {
    this.#json.open(new JsonBytes(lines));
    this.#digests = new JsonBytes(digests);
  }

  /** What the line says that begins here, has this number, and names the digest at `prevAt`. Undefined when it does not. */
  read(start: number, seq: number, prevAt: number): UsualOperation | UsualResult | undefined {
    const json = this.#json;
    json.goTo(start);
    if (!json.passes(SEQ) || json.count() !== seq) return undefined;
    if (!json.passes(PREV) || !json.passes(this.#digests, prevAt, DIGEST_DIGITS) || !json.passes(AT)) return undefined;
    this.#timeAt = json.at;
    if (!json.time() || !json.passes(MONO)) return undefined;
    const mono = json.count();
    return mono < 0 ? undefined : this.#form(json, mono);
  }
}
