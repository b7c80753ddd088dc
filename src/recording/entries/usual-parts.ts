import type { BytesReference } from './entries.js';
import { JsonBytes, type JsonWalker } from './json-walker.js';

const BYTES = JsonBytes.of('{"bytes":');
const KEPT = JsonBytes.of(',"kept":');
const SHA256 = JsonBytes.of(',"sha256":"');
const SEGMENT = JsonBytes.of('","segment":');
const OFFSET = JsonBytes.of(',"offset":');
const COMMA = JsonBytes.of(',');
const LIST_END = JsonBytes.of(']');
const END = JsonBytes.of('}');

/** In place of a reference that is not a usual one. */
export const NO_REFERENCE: BytesReference = { bytes: 0, kept: 0, sha256: '', segment: 0, offset: 0 };

/** Passes a reference to bytes and gives it. */
export function passReference(json: JsonWalker): BytesReference {
  const bytes = json.passes(BYTES) ? json.count() : -1;
  const kept = bytes >= 0 && json.passes(KEPT) ? json.count() : -1;
  if (kept < 0 || !json.passes(SHA256)) return NO_REFERENCE;
  const sha256At = json.at;
  if (!json.digest()) return NO_REFERENCE;
  const sha256 = json.since(sha256At);
  const segment = json.passes(SEGMENT) ? json.count() : -1;
  const offset = segment >= 0 && json.passes(OFFSET) ? json.count() : -1;
  return offset >= 0 && json.passes(END) ? { bytes, kept, sha256, segment, offset } : NO_REFERENCE;
}

/** Passes the rest of a list, after its bracket. */
export function passesList(json: JsonWalker, passesOne: (json: JsonWalker) => boolean): boolean {
  if (json.passes(LIST_END)) return true;
  if (!passesOne(json)) return false;
  while (json.passes(COMMA)) if (!passesOne(json)) return false;
  return json.passes(LIST_END);
}

/** Passes the rest of a list of texts. */
export function passesTexts(json: JsonWalker): boolean {
  return passesList(json, passesText);
}

function passesText(json: JsonWalker): boolean {
  return json.text();
}
