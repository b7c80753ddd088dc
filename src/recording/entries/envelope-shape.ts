import type { TypedEntry } from './entries.js';
import {
  CHAIN_FIELDS,
  hasFields,
  isChained,
  isFields,
  isNumber,
  isOrdinal,
  isReference,
  isText,
  isTexts,
  present,
  type JsonFields,
} from './json-shape.js';

/**
 * True for an operation or a result whose envelope its schema accepts. Nearly every line is one of these two. False says
 * nothing: the schema decides then.
 */
export function isUsualEnvelope(json: unknown): json is TypedEntry<'operation'> | TypedEntry<'result'> {
  if (!isFields(json) || !isChained(json) || !(json['body'] === undefined || isFields(json['body']))) return false;
  return json['type'] === 'operation' ? isOperation(json) : json['type'] === 'result' && isResult(json);
}

function isOperation(fields: JsonFields): boolean {
  const { session, operation, name, verdict, policies, shape, why, body } = fields;
  return (
    isOrdinal(session) &&
    isOrdinal(operation) &&
    isText(name) &&
    (verdict === 'allow' || verdict === 'hold' || verdict === 'deny') &&
    isTexts(policies) &&
    (shape === null || isText(shape)) &&
    (why === undefined || isText(why)) &&
    hasFields(fields, CHAIN_FIELDS + 7 + present(why) + present(body))
  );
}

function isResult(fields: JsonFields): boolean {
  const { session, operation, name, outcome, durationUs, request, response, body } = fields;
  return (
    isOrdinal(session) &&
    (operation === undefined || isOrdinal(operation)) &&
    isText(name) &&
    (outcome === 'ok' || outcome === 'error' || outcome === 'unknown') &&
    isNumber(durationUs) &&
    durationUs >= 0 &&
    (request === undefined || isReference(request)) &&
    (response === undefined || isReference(response)) &&
    hasFields(fields, CHAIN_FIELDS + 5 + present(operation) + present(request) + present(response) + present(body))
  );
}
