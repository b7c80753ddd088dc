import type { RecordedProtocol } from '../recorded-protocol.js';
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

const NOTHING = Buffer.alloc(0);
const SEQ = JsonBytes.of('{"seq":');
const PREV = JsonBytes.of(',"prev":"');
const AT = JsonBytes.of('","at":"');
const MONO = JsonBytes.of('","mono":');
const OPERATION_OF_SESSION = JsonBytes.of(',"type":"operation","session":');
const RESULT_OF_SESSION = JsonBytes.of(',"type":"result","session":');
const OPERATION = JsonBytes.of(',"operation":');
const NAME = JsonBytes.of(',"name":');
const VERDICTS = ['allow', 'hold', 'deny'].map((verdict) => JsonBytes.of(`,"verdict":"${verdict}","policies":[`));
const COMMA = JsonBytes.of(',');
const SHAPE = JsonBytes.of('],"shape":');
const NULL = JsonBytes.of('null');
const WHY = JsonBytes.of(',"why":');
const OUTCOMES = ['ok', 'error', 'unknown'].map((outcome) => JsonBytes.of(`,"outcome":"${outcome}","durationUs":`));
const REQUEST = JsonBytes.of(',"request":{"bytes":');
const RESPONSE = JsonBytes.of(',"response":{"bytes":');
const KEPT = JsonBytes.of(',"kept":');
const SHA256 = JsonBytes.of(',"sha256":"');
const SEGMENT = JsonBytes.of('","segment":');
const OFFSET = JsonBytes.of(',"offset":');
const BODY = JsonBytes.of(',"body":');
const END = JsonBytes.of('}');
const LINE_END = JsonBytes.of('}\n');

const DIGEST_DIGITS = 64;

/**
 * Reads the lines of operations and results of format 2 as `putEntry` writes them, in place and at a fifth of what
 * `EntryReader` costs. What it takes, `EntryReader` takes too, and says the same of it. What it does not take may be
 * right all the same: `EntryReader` decides, and says what is wrong.
 */
export class UsualLineReader {
  readonly #protocol: RecordedProtocol;
  readonly #json = new JsonWalker();
  #lines: Buffer = NOTHING;
  #digests = new JsonBytes(NOTHING);
  /** The last name that an operation had, with its quotes. */
  #name = NULL;
  #timeAt = 0;

  constructor(protocol: RecordedProtocol) {
    this.#protocol = protocol;
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
    this.#lines = lines;
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
    if (mono < 0) return undefined;
    if (json.passes(OPERATION_OF_SESSION)) return this.#operation(mono);
    return json.passes(RESULT_OF_SESSION) ? this.#result(mono) : undefined;
  }

  #operation(mono: number): UsualOperation | undefined {
    const json = this.#json;
    const session = json.count();
    if (session < 1 || !json.passes(OPERATION)) return undefined;
    const operation = json.count();
    const isJudged = operation >= 1 && json.passes(NAME) && this.#operationName() && this.#judgement();
    return isJudged && this.#body('operation') ? { type: 'operation', mono, session, operation } : undefined;
  }

  #operationName(): boolean {
    const json = this.#json;
    if (json.passes(this.#name)) return true;
    const start = json.at;
    if (!json.text()) return false;
    const { operationNames } = this.#protocol;
    const name = this.#lines.subarray(start, json.at);
    if (operationNames?.has(name.toString('latin1', 1, name.length - 1)) === false) return false;
    this.#name = new JsonBytes(Buffer.from(name));
    return true;
  }

  /** From the verdict to why. */
  #judgement(): boolean {
    const json = this.#json;
    if (!VERDICTS.some((verdict) => json.passes(verdict))) return false;
    if (!json.passes(SHAPE) && !(this.#texts() && json.passes(SHAPE))) return false;
    if (!json.passes(NULL) && !json.text()) return false;
    return !json.passes(WHY) || json.text();
  }

  /** One text or more, between commas. */
  #texts(): boolean {
    const json = this.#json;
    if (!json.text()) return false;
    while (json.passes(COMMA)) if (!json.text()) return false;
    return true;
  }

  #result(mono: number): UsualResult | undefined {
    const json = this.#json;
    const session = json.count();
    if (session < 1) return undefined;
    const operation = json.passes(OPERATION) ? json.count() : undefined;
    if (operation !== undefined && operation < 1) return undefined;
    if (!json.passes(NAME) || !json.text() || !OUTCOMES.some((outcome) => json.passes(outcome))) return undefined;
    if (json.count() < 0) return undefined;
    const request = json.passes(REQUEST) ? this.#reference() : undefined;
    if (request === null) return undefined;
    const response = json.passes(RESPONSE) ? this.#reference() : undefined;
    if (response === null) return undefined;
    return this.#body('result') ? { type: 'result', mono, session, operation, request, response } : undefined;
  }

  /** Null where it is not a usual one. */
  #reference(): BytesReference | null {
    const json = this.#json;
    const bytes = json.count();
    if (bytes < 0 || !json.passes(KEPT)) return null;
    const kept = json.count();
    if (kept < 0 || !json.passes(SHA256)) return null;
    const sha256At = json.at;
    if (!json.digest() || !json.passes(SEGMENT)) return null;
    const segment = json.count();
    if (segment < 0 || !json.passes(OFFSET)) return null;
    const offset = json.count();
    if (offset < 0 || !json.passes(END)) return null;
    return { bytes, kept, sha256: this.#lines.toString('latin1', sha256At, sha256At + DIGEST_DIGITS), segment, offset };
  }

  #body(type: 'operation' | 'result'): boolean {
    const json = this.#json;
    return json.passes(BODY) && this.#protocol.passesUsualBody?.(type, json) === true && json.passes(LINE_END);
  }
}
