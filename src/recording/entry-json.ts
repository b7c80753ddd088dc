import type { EntryBody, ResponseReference, ResultEntry, ResultPart, StatementEntry } from './entries.js';

/**
 * An entry's body as JSON, the same text that JSON.stringify gives. The two entries that every statement leaves behind
 * are put together by hand, which takes half the time; the fields stand in the order of docs/recording-format.md.
 */
export function entryJson(body: EntryBody): string {
  switch (body.type) {
    case 'statement':
      return statementJson(body);
    case 'result':
      return resultJson(body);
    default:
      return JSON.stringify(body);
  }
}

function statementJson(entry: StatementEntry): string {
  const { session, statement, command, database, verdict, policies, fingerprint, prepared, values, why } = entry;
  const executed = prepared === undefined ? '' : `"prepared":${prepared},`;
  const bound = values === undefined ? '' : `"values":${JSON.stringify(values)},`;
  const reason = why === undefined ? '' : `"why":${JSON.stringify(why)},`;
  const text = 'text' in entry ? `"text":${JSON.stringify(entry.text)}` : `"textBase64":"${entry.textBase64}"`;
  return (
    `{"type":"statement","session":${session},"statement":${statement},"command":"${command}",` +
    `"database":${JSON.stringify(database)},"verdict":"${verdict}","policies":${policiesJson(policies)},` +
    `"fingerprint":${JSON.stringify(fingerprint)},${executed}${bound}${reason}${text}}`
  );
}

function resultJson(entry: ResultEntry): string {
  const { session, statement, command, outcome, results, error, durationUs, response } = entry;
  const answered = statement === undefined ? '' : `"statement":${statement},`;
  const failed = error === undefined ? '' : `"error":${JSON.stringify(error)},`;
  return (
    `{"type":"result","session":${session},${answered}"command":${JSON.stringify(command)},"outcome":"${outcome}",` +
    `"results":[${resultsJson(results)}],${failed}"durationUs":${durationUs}${responseJson(response)}}`
  );
}

function resultsJson(results: readonly ResultPart[]): string {
  const [only] = results;
  return only !== undefined && results.length === 1 ? partJson(only) : results.map(partJson).join(',');
}

function partJson(part: ResultPart): string {
  if (part.kind !== 'rows') return JSON.stringify(part);
  return `{"kind":"rows","columns":${part.columns},"rows":${part.rows},"warnings":${part.warnings}}`;
}

function responseJson(response: ResponseReference | undefined): string {
  if (response === undefined) return '';
  const { bytes, kept, sha256, segment, offset } = response;
  return `,"response":{"bytes":${bytes},"kept":${kept},"sha256":"${sha256}","segment":${segment},"offset":${offset}}`;
}

/** A policy answers many statements with the same list, so the one that came last is kept. */
let lastPolicies: readonly string[] = [];
let lastPoliciesJson = '[]';

function policiesJson(policies: readonly string[]): string {
  if (policies !== lastPolicies) {
    lastPolicies = policies;
    lastPoliciesJson = JSON.stringify(policies);
  }
  return lastPoliciesJson;
}
