import { JsonBytes, type JsonWalker } from '../entries/json-walker.js';
import type { UsualOperation, UsualResult } from '../entries/usual-line.js';
import { NO_REFERENCE, passReference, passesList, passesTexts } from '../entries/usual-parts.js';

const STATEMENT_OF_SESSION = JsonBytes.of(',"type":"statement","session":');
const RESULT_OF_SESSION = JsonBytes.of(',"type":"result","session":');
const STATEMENT = JsonBytes.of(',"statement":');
const COMMAND = JsonBytes.of(',"command":');
const STATEMENT_COMMANDS = ['COM_QUERY', 'COM_STMT_EXECUTE', 'COM_STMT_PREPARE', 'COM_STMT_BULK_EXECUTE'].map(
  (command) => JsonBytes.of(`,"command":"${command}","database":`),
);
const VERDICTS = ['allow', 'hold', 'deny'].map((verdict) => JsonBytes.of(`,"verdict":"${verdict}","policies":[`));
const FINGERPRINT = JsonBytes.of(',"fingerprint":');
const PREPARED = JsonBytes.of(',"prepared":');
const VALUES = JsonBytes.of(',"values":[');
const TYPE = JsonBytes.of('{"type":');
const UNSIGNED = JsonBytes.of(',"unsigned":true');
const VALUE = JsonBytes.of(',"value":');
const WHY = JsonBytes.of(',"why":');
const TEXT = JsonBytes.of(',"text":');
const OUTCOMES = ['ok', 'error', 'unknown'].map((outcome) => JsonBytes.of(`,"outcome":"${outcome}","results":[`));
const ROWS = JsonBytes.of('{"kind":"rows","columns":');
const ROW_COUNT = JsonBytes.of(',"rows":');
const OK = JsonBytes.of('{"kind":"ok","affectedRows":');
const LAST_INSERT_ID = JsonBytes.of(',"lastInsertId":');
const WARNINGS = JsonBytes.of(',"warnings":');
const DURATION = JsonBytes.of(',"durationUs":');
const RESPONSE = JsonBytes.of(',"response":');
const NULL = JsonBytes.of('null');
const END = JsonBytes.of('}');
const LINE_END = JsonBytes.of('}\n');

/** Statements and results of format 1, in the order in which versions up to 0.1.0 wrote them, as entries. */
export function readUsualLine1(json: JsonWalker, mono: number): UsualOperation | UsualResult | undefined {
  if (json.passes(STATEMENT_OF_SESSION)) return readStatement(json, mono);
  return json.passes(RESULT_OF_SESSION) ? readResult(json, mono) : undefined;
}

/** Those with bound values in base64, rows of values or bytes as text are left to the schema. */
function readStatement(json: JsonWalker, mono: number): UsualOperation | undefined {
  const session = json.count();
  if (session < 1 || !json.passes(STATEMENT)) return undefined;
  const operation = json.count();
  if (operation < 1 || !passesJudgement(json)) return undefined;
  if (json.passes(PREPARED) && json.count() < 1) return undefined;
  if (json.passes(VALUES) && !passesList(json, passesValue)) return undefined;
  if (json.passes(WHY) && !json.text()) return undefined;
  const isWhole = json.passes(TEXT) && json.text() && json.passes(LINE_END);
  return isWhole ? { type: 'operation', mono, session, operation } : undefined;
}

/** From the command to the fingerprint. */
function passesJudgement(json: JsonWalker): boolean {
  if (!STATEMENT_COMMANDS.some((command) => json.passes(command)) || !passesTextOrNull(json)) return false;
  if (!VERDICTS.some((verdict) => json.passes(verdict)) || !passesTexts(json)) return false;
  return json.passes(FINGERPRINT) && passesTextOrNull(json);
}

function passesValue(json: JsonWalker): boolean {
  if (!json.passes(TYPE) || !json.text()) return false;
  json.passes(UNSIGNED);
  return json.passes(VALUE) && (passesTextOrNull(json) || json.count() >= 0) && json.passes(END);
}

/** Those with an error are left to the schema. */
function readResult(json: JsonWalker, mono: number): UsualResult | undefined {
  const session = json.count();
  if (session < 1) return undefined;
  const operation = json.passes(STATEMENT) ? json.count() : undefined;
  if (operation !== undefined && operation < 1) return undefined;
  if (!json.passes(COMMAND) || !json.text() || !OUTCOMES.some((outcome) => json.passes(outcome))) return undefined;
  if (!passesList(json, passesResultPart) || !json.passes(DURATION) || json.count() < 0) return undefined;
  const response = json.passes(RESPONSE) ? passReference(json) : undefined;
  if (response === NO_REFERENCE || !json.passes(LINE_END)) return undefined;
  return { type: 'result', mono, session, operation, response };
}

function passesResultPart(json: JsonWalker): boolean {
  const isRows = json.passes(ROWS);
  if (!isRows && !json.passes(OK)) return false;
  if (json.count() < 0 || !json.passes(isRows ? ROW_COUNT : LAST_INSERT_ID) || json.count() < 0) return false;
  return json.passes(WARNINGS) && json.count() >= 0 && json.passes(END);
}

function passesTextOrNull(json: JsonWalker): boolean {
  return json.passes(NULL) || json.text();
}
