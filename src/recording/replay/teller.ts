import type { AnswerWindow, ToldAnswer, ToldError } from './answer.js';
import type { Effect } from '../../domain/recorded.js';
import type { Entry, EntryType, TypedEntry } from '../entries/entries.js';

/** `plain`: for people who do not know the protocol. `exact`: in its own words, as entries have them. */
export type Wording = 'plain' | 'exact';

/** What the body of an entry says. */
export interface ToldBody {
  /** Hidden characters are written out, and no line has a break in it. */
  lines(wording: Wording): readonly string[];
}

export interface ToldOperation extends ToldBody {
  /** What it does and to what. Hidden characters are written out. */
  title(): string;
  /** Its text, for lists that have a line for each operation. Hidden characters are written out. */
  oneLine(): string;
  /** What was asked, exactly as it was sent. */
  asked(): AskedText;
  /** Whatever a person may look for in it, as it was sent. */
  words(): readonly string[];
  /** What it does to the target where it is run. What is not understood counts as a change. */
  effect(): Effect;
  /**
   * In a few words what it is, where it is one that clients send by themselves and that can do nothing else; undefined
   * for what a person looks for.
   */
  driverNoise(): string | undefined;
}

/** A text that was sent, with the values that came with it. */
export interface AskedText {
  /** Bytes that are no text are written out. */
  readonly text: string;
  /** Where it was asked: the database of the session. */
  readonly place: string | null;
  readonly values: readonly AskedValue[];
  /** How many rows of values it was run with at once, of which `values` has the first; undefined: it was run once. */
  readonly rowsOfValues: number | undefined;
}

/** `default` and `ignore` stand in place of a value. */
export interface AskedValue {
  readonly type: string;
  readonly form: 'null' | 'text' | 'number' | 'base64' | 'default' | 'ignore';
  readonly value: string | null;
}

export interface ToldNote {
  /** What it was, in one line. Hidden characters are written out. */
  title(wording: Wording): string;
  /** As an operation's. */
  driverNoise(): string | undefined;
}

export interface ToldResult extends ToldBody {
  /** In a few words what an operation came to that the target has answered: `3 rows read`, `failed`. */
  readonly cameTo: string;
  /** How many things were read. */
  readonly rows: number;
  /** How many things were changed, by what the target said. */
  readonly changed: number;
  /** After an error a part of the operation may be done all the same. */
  readonly mayBeDoneInPart: boolean;
  /** What the target said was wrong, as it said it. */
  readonly error: ToldError | undefined;
  /** What the kept bytes say, for JSON; undefined where nothing was kept or nothing can be read. */
  readonly decoded: object | undefined;
  /** Whatever a person may look for in it. */
  words(): readonly string[];
}

/** The bytes of an answer that were kept; undefined when none were, `unreadable` when they cannot be had. */
export type ResponseBytes = Buffer | 'unreadable' | undefined;

/**
 * Says what the bodies of one recording mean. It lives for one replay and remembers what it needs from entry to entry.
 * @throws BrokerError `recording_unavailable` for a body that its protocol does not have
 */
export interface Teller {
  /** Gets every entry in order, before it is asked about it, and those that nobody wants to see too. */
  follow(entry: Entry): void;
  /** Whether answers that come later can only be read after this one has been, so that it is read and not shown. */
  isNeededLater(entry: TypedEntry<'result'>): boolean;
  operation(entry: TypedEntry<'operation'>): ToldOperation;
  note(entry: TypedEntry<'note'>): ToldNote;
  result(entry: TypedEntry<'result'>, response: ResponseBytes): ToldResult;
  /**
   * The rows of an answer whose bytes are here, for protocols whose answers have rows; undefined for bytes that are no
   * answer.
   */
  answer?(entry: TypedEntry<'result'>, response: Buffer, window: AnswerWindow): ToldAnswer | undefined;
  /** The operation of whose answer this note asks for more, once it was followed. */
  fetchesOf?(entry: TypedEntry<'note'>): number | undefined;
  /** Of any other entry: what it says besides its envelope. */
  body(entry: TypedEntry<OtherType | 'forwarded'>): ToldBody;
}

export interface TellerOptions {
  /** Of a long answer no more than so many rows, lines or other parts are told. */
  readonly rowsMax: number;
}

/** What people call a protocol's operations and what these change, in the singular: `statement`, `row`. */
export interface ReplayWords {
  readonly operation: string;
  readonly changed: string;
}

/** How recordings of a protocol are replayed. What is of no protocol is told by src/recording/replay. */
export interface RecordedReplay {
  readonly nouns: ReplayWords;
  /** Forms that only this protocol has, besides those of all: each gives the text for an entry, or none. */
  readonly formats: Readonly<Record<string, (replayed: ReplayedEntry) => string>>;
  /** The version of a target as people know it. */
  versionText(version: string): string;
  teller(options: TellerOptions): Teller;
}

type OtherType = Exclude<EntryType, 'operation' | 'note' | 'result' | 'forwarded'>;

interface Replayed<Kind extends string, Type extends EntryType, Told> {
  readonly kind: Kind;
  readonly entry: TypedEntry<Type>;
  /** The line as it stands in the file. */
  readonly written: object;
  readonly told: Told;
}

export type ReplayedOperation = Replayed<'operation', 'operation', ToldOperation>;
export type ReplayedNote = Replayed<'note', 'note', ToldNote>;
export type ReplayedForwarded = Replayed<'forwarded', 'forwarded', ToldBody>;
export type ReplayedResult = Replayed<'result', 'result', ToldResult>;

/** An entry, and what its protocol says of it. */
export type ReplayedEntry =
  | ReplayedOperation
  | ReplayedNote
  | ReplayedForwarded
  | ReplayedResult
  | Replayed<'other', OtherType, ToldBody>;
