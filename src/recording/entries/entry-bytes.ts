import type {
  EntryBody,
  RecordedValue,
  ResponseReference,
  ResultEntry,
  ResultPart,
  StatementEntry,
} from './entries.js';
import type { PendingLines } from '../write/pending-lines.js';

/** What a line begins with: the chain's fields, of which the time is bytes already. */
export interface LineHead {
  readonly seq: number;
  readonly prev: string;
  readonly at: Buffer;
  readonly mono: number;
}

/** All of an entry that is not text of its own: names, quotes, numbers, digests. */
const FIXED_BYTES_MAX = 1024;
const UTF8_BYTES_PER_UNIT_MAX = 3;
/** A longer statement is not tried: it would be made JSON twice. */
const TEXT_UNITS_MAX = 16 * 1024;
/** A shorter one takes little room even if all of it has to be escaped, which makes six bytes of each unit. */
const SHORT_UNITS_MAX = 256;
/** A few short values take no more than this much room, however much of them has to be escaped. */
const SHORT_VALUES_MAX = 8;
const SHORT_VALUE_UNITS_MAX = 64;
const SHORT_VALUES_BYTES_MAX = 8192;

/**
 * Puts an entry with its head together in `lines`, between `begin` and `end`: the same bytes as `lineText`. It knows the
 * two kinds of entries that every statement leaves behind, whose fields stand in the order of docs/recording-format.md;
 * false for others, for rows of values, and for those larger than a block.
 */
export function putEntry(lines: PendingLines, head: LineHead, body: EntryBody): boolean {
  switch (body.type) {
    case 'statement':
      return putStatement(lines, head, body);
    case 'result':
      return putResult(lines, head, body);
    default:
      return false;
  }
}

/** Any entry with its head as one line of text. */
export function lineText({ seq, prev, at, mono }: LineHead, body: EntryBody): string {
  const rest = JSON.stringify(body).slice(1);
  return `{"seq":${seq},"prev":"${prev}","at":"${at.toString('latin1')}","mono":${mono},${rest}`;
}

/** Parts that never change are bytes from the start: copying those is what costs least. */
const SEQ = Buffer.from('{"seq":');
const PREV = Buffer.from(',"prev":"');
const AT = Buffer.from('","at":"');
const MONO = Buffer.from('","mono":');
const STATEMENT_OF_SESSION = Buffer.from(',"type":"statement","session":');
const RESULT_OF_SESSION = Buffer.from(',"type":"result","session":');
const STATEMENT = Buffer.from(',"statement":');
const PREPARED = Buffer.from(',"prepared":');
const VALUES = Buffer.from(',"values":');
const LIST = Buffer.from('[');
const LIST_END = Buffer.from(']');
const EMPTY_LIST = Buffer.from('[]');
const COMMA = Buffer.from(',');
const TYPE = Buffer.from('{"type":');
const UNSIGNED = Buffer.from(',"unsigned":true');
const VALUE = Buffer.from(',"value":');
const BASE64 = Buffer.from(',"encoding":"base64"');
const WHY = Buffer.from(',"why":');
const TEXT = Buffer.from(',"text":');
const TEXT_BASE64 = Buffer.from(',"textBase64":');
const CHARACTER_SET = Buffer.from(',"characterSet":');
const ERROR = Buffer.from(',"error":');
const DURATION = Buffer.from(',"durationUs":');
const RESPONSE = Buffer.from(',"response":{"bytes":');
const KEPT = Buffer.from(',"kept":');
const SHA256 = Buffer.from(',"sha256":"');
const SEGMENT = Buffer.from('","segment":');
const OFFSET = Buffer.from(',"offset":');
const END = Buffer.from('}');

function putHead(lines: PendingLines, { seq, prev, at, mono }: LineHead): void {
  lines.bytes(SEQ);
  lines.number(seq);
  lines.bytes(PREV);
  lines.ascii(prev);
  lines.bytes(AT);
  lines.bytes(at);
  lines.bytes(MONO);
  lines.number(mono);
}

function putStatement(lines: PendingLines, head: LineHead, entry: StatementEntry): boolean {
  const { prepared, values, why } = entry;
  const sent = 'text' in entry ? entry.text : entry.textBase64;
  if (sent.length > TEXT_UNITS_MAX || entry.bulk !== undefined) return false;
  const judged = judgedBytes(entry);
  const shortValues = values === undefined || areShort(values) ? values : undefined;
  const bound = values === shortValues ? '' : JSON.stringify(values);
  const reason = why === undefined ? '' : JSON.stringify(why);
  const isShortText = sent.length <= SHORT_UNITS_MAX;
  const text = isShortText ? '' : JSON.stringify(sent); // what is short is made JSON in its place
  const units = bound.length + reason.length + text.length + (isShortText ? sent.length * 2 : 0);
  const valuesBytesMax = shortValues === undefined ? 0 : SHORT_VALUES_BYTES_MAX;
  if (!lines.begin(FIXED_BYTES_MAX + judged.length + units * UTF8_BYTES_PER_UNIT_MAX + valuesBytesMax)) return false;
  putHead(lines, head);
  lines.bytes(STATEMENT_OF_SESSION);
  lines.number(entry.session);
  lines.bytes(STATEMENT);
  lines.number(entry.statement);
  lines.bytes(judged);
  if (prepared !== undefined) {
    lines.bytes(PREPARED);
    lines.number(prepared);
  }
  if (values !== undefined) {
    lines.bytes(VALUES);
    if (shortValues !== undefined) putValues(lines, shortValues);
    else lines.text(bound);
  }
  if (why !== undefined) {
    lines.bytes(WHY);
    lines.text(reason);
  }
  lines.bytes('text' in entry ? TEXT : TEXT_BASE64);
  if (isShortText) lines.json(sent);
  else lines.text(text);
  if ('textBase64' in entry && entry.characterSet !== undefined) {
    lines.bytes(CHARACTER_SET);
    lines.json(entry.characterSet);
  }
  lines.bytes(END);
  return true;
}

function areShort(values: readonly RecordedValue[]): boolean {
  return values.length <= SHORT_VALUES_MAX && values.every(isShort);
}

function isShort({ type, value }: RecordedValue): boolean {
  return type.length <= SHORT_VALUE_UNITS_MAX && (typeof value !== 'string' || value.length <= SHORT_VALUE_UNITS_MAX);
}

function putValues(lines: PendingLines, values: readonly RecordedValue[]): void {
  let before = LIST;
  for (const { type, unsigned, value, encoding } of values) {
    lines.bytes(before);
    before = COMMA;
    lines.bytes(TYPE);
    lines.json(type);
    if (unsigned === true) lines.bytes(UNSIGNED);
    lines.bytes(VALUE);
    if (typeof value === 'string') lines.json(value);
    else if (Number.isSafeInteger(value)) lines.number(Number(value));
    else lines.ascii(JSON.stringify(value));
    if (encoding !== undefined) lines.bytes(BASE64);
    lines.bytes(END);
  }
  lines.bytes(values.length === 0 ? EMPTY_LIST : LIST_END);
}

function putResult(lines: PendingLines, head: LineHead, entry: ResultEntry): boolean {
  const { statement, error, response } = entry;
  const answered = answeredBytes(entry);
  const failed = error === undefined ? '' : JSON.stringify(error);
  if (!lines.begin(FIXED_BYTES_MAX + answered.length + failed.length * UTF8_BYTES_PER_UNIT_MAX)) return false;
  putHead(lines, head);
  lines.bytes(RESULT_OF_SESSION);
  lines.number(entry.session);
  if (statement !== undefined) {
    lines.bytes(STATEMENT);
    lines.number(statement);
  }
  lines.bytes(answered);
  if (error !== undefined) {
    lines.bytes(ERROR);
    lines.text(failed);
  }
  lines.bytes(DURATION);
  lines.number(entry.durationUs);
  if (response !== undefined) putResponse(lines, response);
  lines.bytes(END);
  return true;
}

function putResponse(lines: PendingLines, { bytes, kept, sha256, segment, offset }: ResponseReference): void {
  lines.bytes(RESPONSE);
  lines.number(bytes);
  lines.bytes(KEPT);
  lines.number(kept);
  lines.bytes(SHA256);
  lines.ascii(sha256);
  lines.bytes(SEGMENT);
  lines.number(segment);
  lines.bytes(OFFSET);
  lines.number(offset);
  lines.bytes(END);
}

// What follows is the same for most statements as for the one before, so it is kept as bytes.

let lastJudged: StatementEntry | undefined;
let lastJudgedBytes: Buffer = END;

/** From the command to the fingerprint. */
function judgedBytes(entry: StatementEntry): Buffer {
  if (lastJudged === undefined || !isJudgedAlike(entry, lastJudged)) {
    const { command, database, verdict, policies, fingerprint } = entry;
    lastJudged = entry;
    lastJudgedBytes = fieldsBytes({ command, database, verdict, policies, fingerprint });
  }
  return lastJudgedBytes;
}

function isJudgedAlike(one: StatementEntry, other: StatementEntry): boolean {
  return (
    one.fingerprint === other.fingerprint &&
    isSameList(one.policies, other.policies) &&
    one.database === other.database &&
    one.command === other.command &&
    one.verdict === other.verdict
  );
}

/** Nearly always it is one and the same list, or both are short. */
function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((name, index) => name === other[index]));
}

let lastAnswered: ResultEntry | undefined;
let lastAnsweredBytes: Buffer = END;

/** From the command to the results. */
function answeredBytes(entry: ResultEntry): Buffer {
  if (lastAnswered === undefined || !isAnsweredAlike(entry, lastAnswered)) {
    const { command, outcome, results } = entry;
    lastAnswered = entry;
    lastAnsweredBytes = fieldsBytes({ command, outcome, results });
  }
  return lastAnsweredBytes;
}

function isAnsweredAlike(one: ResultEntry, other: ResultEntry): boolean {
  if (one.command !== other.command || one.outcome !== other.outcome) return false;
  return one.results.length === 1 && other.results.length === 1 && isSamePart(one.results[0], other.results[0]);
}

function isSamePart(one: ResultPart | undefined, other: ResultPart | undefined): boolean {
  if (one?.kind !== 'rows' || other?.kind !== 'rows') return false;
  return one.columns === other.columns && one.rows === other.rows && one.warnings === other.warnings;
}

/** The fields after others, without braces. */
function fieldsBytes(fields: object): Buffer {
  return Buffer.from(`,${JSON.stringify(fields).slice(1, -1)}`);
}
