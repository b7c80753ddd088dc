import { JsonBytes, type JsonWalker } from '../../../recording/entries/json-walker.js';
import { passesList } from '../../../recording/entries/usual-parts.js';

const DATABASE = JsonBytes.of('{"database":');
const PREPARED = JsonBytes.of(',"prepared":');
const VALUES = JsonBytes.of(',"values":[');
const TYPE = JsonBytes.of('{"type":');
const UNSIGNED = JsonBytes.of(',"unsigned":true');
const VALUE = JsonBytes.of(',"value":');
const TEXT = JsonBytes.of(',"text":');
const RESULTS = JsonBytes.of('{"results":[');
const ROWS = JsonBytes.of('{"kind":"rows","columns":');
const ROW_COUNT = JsonBytes.of(',"rows":');
const OK = JsonBytes.of('{"kind":"ok","affectedRows":');
const LAST_INSERT_ID = JsonBytes.of(',"lastInsertId":');
const WARNINGS = JsonBytes.of(',"warnings":');
const NULL = JsonBytes.of('null');
const END = JsonBytes.of('}');

/** Passes the body of a statement or of a result as `BODY_BYTES` puts it. False says nothing, as with `isUsualBody`. */
export function passesUsualBody(type: 'operation' | 'result', json: JsonWalker): boolean {
  return type === 'operation' ? passesStatement(json) : passesResult(json);
}

/** Those with bound values in base64, numbers with a point, rows of values or bytes as text are left to the schema. */
function passesStatement(json: JsonWalker): boolean {
  if (!json.passes(DATABASE) || !passesTextOrNull(json)) return false;
  if (json.passes(PREPARED) && json.count() < 1) return false;
  if (json.passes(VALUES) && !passesList(json, passesValue)) return false;
  return json.passes(TEXT) && json.text() && json.passes(END);
}

function passesValue(json: JsonWalker): boolean {
  if (!json.passes(TYPE) || !json.text()) return false;
  json.passes(UNSIGNED);
  return json.passes(VALUE) && (passesTextOrNull(json) || json.count() >= 0) && json.passes(END);
}

/** Those with an error are left to the schema. */
function passesResult(json: JsonWalker): boolean {
  return json.passes(RESULTS) && passesList(json, passesResultPart) && json.passes(END);
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
