import { shownLine } from '../../../src/domain/visible-text.js';
import type { TypedEntry } from '../../../src/recording/entries/entries.js';
import type {
  RecordedReplay,
  Teller,
  ToldBody,
  ToldNote,
  ToldOperation,
  ToldResult,
} from '../../../src/recording/replay/teller.js';
import { unreadableEntry } from '../../../src/recording/verify/reader.js';
import { answerBody, lineBody } from './bodies.js';
import { readLine } from './lines.js';

/** How recordings of echo servers are replayed: a line is told as it was sent, and so is its answer. */
export const ECHO_REPLAY: RecordedReplay = {
  nouns: { operation: 'line', changed: 'room' },
  formats: {},
  versionText: (version) => version,
  teller: () => ECHO_TELLER,
};

/** Every entry of it is understood by itself. */
const ECHO_TELLER: Teller = {
  follow: () => undefined,
  isNeededLater: () => false,
  operation: toldLine,
  note: toldNote,
  result: toldAnswer,
  body: (): ToldBody => ({ lines: () => [] }),
};

function toldLine(entry: TypedEntry<'operation'>): ToldOperation {
  const line = lineOf(entry);
  const { action } = readLine(line).facts;
  return {
    lines: () => [shownLine(line)],
    title: () => action,
    oneLine: () => shownLine(line),
    asked: () => ({ text: line, place: null, values: [], rowsOfValues: undefined }),
    words: () => [line],
    effect: () => (action === 'say' ? 'read' : 'change'),
    driverNoise: () => undefined,
  };
}

function toldNote(entry: TypedEntry<'note'>): ToldNote {
  const title = shownLine(lineOf(entry));
  return { title: () => title, driverNoise: () => undefined };
}

function toldAnswer({ seq, name, outcome, body }: TypedEntry<'result'>): ToldResult {
  const parsed = answerBody.safeParse(body);
  if (!parsed.success) throw unreadableEntry(seq);
  const lines = parsed.data === undefined ? [] : [parsed.data.answer];
  const isOk = outcome === 'ok';
  return {
    cameTo: isOk ? 'answered' : 'failed',
    rows: 0,
    error: isOk ? undefined : { code: 'failed', state: null, message: lines.join() },
    changed: isOk && name === 'WIPE' ? 1 : 0,
    mayBeDoneInPart: false,
    decoded: undefined,
    lines: () => lines.map(shownLine),
    words: () => lines,
  };
}

function lineOf({ seq, body }: TypedEntry<'operation' | 'note'>): string {
  const parsed = lineBody.safeParse(body);
  if (!parsed.success) throw unreadableEntry(seq);
  return parsed.data.line;
}
