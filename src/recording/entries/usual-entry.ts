import type { RecordedProtocol } from '../recorded-protocol.js';
import { JsonBytes, type JsonWalker } from './json-walker.js';
import type { UsualForm, UsualOperation, UsualResult } from './usual-line.js';
import { NO_REFERENCE, passReference, passesTexts } from './usual-parts.js';

const OPERATION_OF_SESSION = JsonBytes.of(',"type":"operation","session":');
const RESULT_OF_SESSION = JsonBytes.of(',"type":"result","session":');
const OPERATION = JsonBytes.of(',"operation":');
const NAME = JsonBytes.of(',"name":');
const VERDICTS = ['allow', 'hold', 'deny'].map((verdict) => JsonBytes.of(`,"verdict":"${verdict}","policies":[`));
const SHAPE = JsonBytes.of(',"shape":');
const NULL = JsonBytes.of('null');
const WHY = JsonBytes.of(',"why":');
const OUTCOMES = ['ok', 'error', 'unknown'].map((outcome) => JsonBytes.of(`,"outcome":"${outcome}","durationUs":`));
const REQUEST = JsonBytes.of(',"request":');
const RESPONSE = JsonBytes.of(',"response":');
const BODY = JsonBytes.of(',"body":');
const LINE_END = JsonBytes.of('}\n');

/** Operations and results of format 2, in the order in which `putEntry` writes them; undefined where bodies are unknown. */
export function usualEntryForm(protocol: RecordedProtocol): UsualForm | undefined {
  if (protocol.passesUsualBody === undefined) return undefined;
  const walk = new UsualEntryWalk(protocol);
  return (json, mono) => walk.read(json, mono);
}

class UsualEntryWalk {
  readonly #protocol: RecordedProtocol;
  /** The last name that an operation had, with its quotes; undefined before the first. */
  #name: JsonBytes | undefined;

  constructor(protocol: RecordedProtocol) {
    this.#protocol = protocol;
  }

  read(json: JsonWalker, mono: number): UsualOperation | UsualResult | undefined {
    if (json.passes(OPERATION_OF_SESSION)) return this.#operation(json, mono);
    return json.passes(RESULT_OF_SESSION) ? this.#result(json, mono) : undefined;
  }

  #operation(json: JsonWalker, mono: number): UsualOperation | undefined {
    const session = json.count();
    if (session < 1 || !json.passes(OPERATION)) return undefined;
    const operation = json.count();
    const isJudged = operation >= 1 && json.passes(NAME) && this.#passesName(json) && passesJudgement(json);
    return isJudged && this.#passesBody(json, 'operation')
      ? { type: 'operation', mono, session, operation }
      : undefined;
  }

  #passesName(json: JsonWalker): boolean {
    if (this.#name !== undefined && json.passes(this.#name)) return true;
    const start = json.at;
    if (!json.text()) return false;
    const name = json.since(start);
    if (this.#protocol.operationNames?.has(name.slice(1, -1)) === false) return false;
    this.#name = new JsonBytes(Buffer.from(name, 'latin1'));
    return true;
  }

  #result(json: JsonWalker, mono: number): UsualResult | undefined {
    const session = json.count();
    if (session < 1) return undefined;
    const operation = json.passes(OPERATION) ? json.count() : undefined;
    if (operation !== undefined && operation < 1) return undefined;
    if (!json.passes(NAME) || !json.text() || !OUTCOMES.some((outcome) => json.passes(outcome))) return undefined;
    if (json.count() < 0) return undefined;
    const request = json.passes(REQUEST) ? passReference(json) : undefined;
    const response = json.passes(RESPONSE) ? passReference(json) : undefined;
    if (request === NO_REFERENCE || response === NO_REFERENCE) return undefined;
    return this.#passesBody(json, 'result')
      ? { type: 'result', mono, session, operation, request, response }
      : undefined;
  }

  #passesBody(json: JsonWalker, type: 'operation' | 'result'): boolean {
    return json.passes(BODY) && this.#protocol.passesUsualBody?.(type, json) === true && json.passes(LINE_END);
  }
}

/** From the verdict to why. */
function passesJudgement(json: JsonWalker): boolean {
  if (!VERDICTS.some((verdict) => json.passes(verdict)) || !passesTexts(json) || !json.passes(SHAPE)) return false;
  return (json.passes(NULL) || json.text()) && (!json.passes(WHY) || json.text());
}
