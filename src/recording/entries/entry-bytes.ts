import type { ProtocolValue } from '../../domain/protocol-value.js';
import type { PendingLines } from '../write/pending-lines.js';
import type { BytesReference, EntryFields, OperationEntry, ResultEntry } from './entries.js';

/** What a line begins with: the chain's fields, of which the time is bytes already. */
export interface LineHead {
  readonly seq: number;
  readonly prev: string;
  readonly at: Buffer;
  readonly mono: number;
}

/** Where a protocol puts the parts of a body. */
export type LineParts = Pick<PendingLines, 'bytes' | 'ascii' | 'text' | 'json' | 'number'>;

/** How a protocol puts the bodies of its operations and results together as bytes, at a fraction of the cost of JSON.stringify. */
export interface BodyBytes {
  /** How many bytes the body takes at most; undefined for one that is left to JSON.stringify, and Infinity for one that is too long to be tried: it would be made JSON twice. */
  bytesMax(type: 'operation' | 'result', body: ProtocolValue): number | undefined;
  /** Puts the body, of which `bytesMax` was asked right before: the same bytes as JSON.stringify gives. */
  put(parts: LineParts, type: 'operation' | 'result', body: ProtocolValue): void;
}

/** All of an envelope that is not text of its own: names, quotes, numbers, digests. */
const FIXED_BYTES_MAX = 1024;
const JSON_BYTES_PER_UNIT_MAX = 6;
const UTF8_BYTES_PER_UNIT_MAX = 3;

/**
 * Puts an entry with its head together in `lines`, between `begin` and `end`: the same bytes as `lineText`. It knows the
 * two kinds of entries that every operation leaves behind, whose fields stand in the order of docs/recording-format.md;
 * false for others, and for those larger than a block.
 */
export function putEntry(lines: PendingLines, head: LineHead, entry: EntryFields, bodies?: BodyBytes): boolean {
  switch (entry.type) {
    case 'operation':
      return putOperation(lines, head, entry, bodies);
    case 'result':
      return putResult(lines, head, entry, bodies);
    default:
      return false;
  }
}

/** Any entry with its head as one line of text. */
export function lineText({ seq, prev, at, mono }: LineHead, fields: object): string {
  const rest = JSON.stringify(fields).slice(1);
  return `{"seq":${seq},"prev":"${prev}","at":"${at.toString('latin1')}","mono":${mono},${rest}`;
}

/** Parts that never change are bytes from the start: copying those is what costs least. */
const SEQ = Buffer.from('{"seq":');
const PREV = Buffer.from(',"prev":"');
const AT = Buffer.from('","at":"');
const MONO = Buffer.from('","mono":');
const OPERATION_OF_SESSION = Buffer.from(',"type":"operation","session":');
const RESULT_OF_SESSION = Buffer.from(',"type":"result","session":');
const OPERATION = Buffer.from(',"operation":');
const WHY = Buffer.from(',"why":');
const DURATION = Buffer.from(',"durationUs":');
const REQUEST = Buffer.from(',"request":{"bytes":');
const RESPONSE = Buffer.from(',"response":{"bytes":');
const KEPT = Buffer.from(',"kept":');
const SHA256 = Buffer.from(',"sha256":"');
const SEGMENT = Buffer.from('","segment":');
const OFFSET = Buffer.from(',"offset":');
const BODY = Buffer.from(',"body":');
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

function putOperation(lines: PendingLines, head: LineHead, entry: OperationEntry, bodies?: BodyBytes): boolean {
  const { why, body } = entry;
  const judged = judgedBytes(entry);
  const putBytesMax = body === undefined ? 0 : bodies?.bytesMax('operation', body);
  const bodyText = putBytesMax === undefined ? JSON.stringify(body) : '';
  const bodyBytesMax = putBytesMax ?? bodyText.length * UTF8_BYTES_PER_UNIT_MAX;
  const reasonBytesMax = why === undefined ? 0 : why.length * JSON_BYTES_PER_UNIT_MAX;
  if (!lines.begin(FIXED_BYTES_MAX + judged.length + reasonBytesMax + bodyBytesMax)) return false;
  putHead(lines, head);
  lines.bytes(OPERATION_OF_SESSION);
  lines.number(entry.session);
  lines.bytes(OPERATION);
  lines.number(entry.operation);
  lines.bytes(judged);
  if (why !== undefined) {
    lines.bytes(WHY);
    lines.json(why);
  }
  if (body !== undefined) {
    lines.bytes(BODY);
    if (putBytesMax === undefined) lines.text(bodyText);
    else bodies?.put(lines, 'operation', body);
  }
  lines.bytes(END);
  return true;
}

function putResult(lines: PendingLines, head: LineHead, entry: ResultEntry, bodies?: BodyBytes): boolean {
  const { operation, request, response, body } = entry;
  const answered = answeredBytes(entry);
  const putBytesMax = body === undefined ? 0 : bodies?.bytesMax('result', body);
  const bodyText = putBytesMax === undefined ? JSON.stringify(body) : '';
  const bodyBytesMax = putBytesMax ?? bodyText.length * UTF8_BYTES_PER_UNIT_MAX;
  if (!lines.begin(FIXED_BYTES_MAX + answered.length + bodyBytesMax)) return false;
  putHead(lines, head);
  lines.bytes(RESULT_OF_SESSION);
  lines.number(entry.session);
  if (operation !== undefined) {
    lines.bytes(OPERATION);
    lines.number(operation);
  }
  lines.bytes(answered);
  lines.bytes(DURATION);
  lines.number(entry.durationUs);
  if (request !== undefined) putReference(lines, REQUEST, request);
  if (response !== undefined) putReference(lines, RESPONSE, response);
  if (body !== undefined) {
    lines.bytes(BODY);
    if (putBytesMax === undefined) lines.text(bodyText);
    else bodies?.put(lines, 'result', body);
  }
  lines.bytes(END);
  return true;
}

function putReference(lines: PendingLines, name: Buffer, reference: BytesReference): void {
  const { bytes, kept, sha256, segment, offset } = reference;
  lines.bytes(name);
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

// What follows is the same for most operations as for the one before, so it is kept as bytes.

type Judged = Pick<OperationEntry, 'name' | 'verdict' | 'policies' | 'shape'>;
let lastJudged: Judged | undefined;
let lastJudgedBytes: Buffer = END;

/** From the name to the shape. */
function judgedBytes(entry: OperationEntry): Buffer {
  if (lastJudged === undefined || !isJudgedAlike(entry, lastJudged)) {
    const { name, verdict, policies, shape } = entry;
    lastJudged = { name, verdict, policies, shape };
    lastJudgedBytes = fieldsBytes(lastJudged);
  }
  return lastJudgedBytes;
}

function isJudgedAlike(one: Judged, other: Judged): boolean {
  return (
    one.shape === other.shape &&
    isSameList(one.policies, other.policies) &&
    one.name === other.name &&
    one.verdict === other.verdict
  );
}

/** Nearly always it is one and the same list, or both are short. */
function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((name, index) => name === other[index]));
}

let lastAnswered: Pick<ResultEntry, 'name' | 'outcome'> | undefined;
let lastAnsweredBytes: Buffer = END;

/** The name and the outcome. */
function answeredBytes({ name, outcome }: ResultEntry): Buffer {
  if (lastAnswered?.name !== name || lastAnswered.outcome !== outcome) {
    lastAnswered = { name, outcome };
    lastAnsweredBytes = fieldsBytes(lastAnswered);
  }
  return lastAnsweredBytes;
}

/** Fields that stand after others, without braces. */
function fieldsBytes(fields: object): Buffer {
  return Buffer.from(`,${JSON.stringify(fields).slice(1, -1)}`);
}
