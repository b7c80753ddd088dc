import type { ActOutcome, AdministrativeAct, SubjectKind } from './acts.js';

/** Who did it, as far as it is known. Of a refused sign-in the name is what was claimed. */
export interface RecordedCaller {
  /** Null where no principal is known: at the command line, or of a sign-in that was refused. */
  readonly principal: string | null;
  readonly name: string | null;
  /** The person behind the principal: equal for two principals of one person. */
  readonly person: string | null;
  readonly sponsor: { readonly name: string; readonly isClaim: boolean } | null;
  /** `api-key:<id>`, `token:<provider>`, `session:<provider>`, `session:link`, `command-line`; null: the broker itself. */
  readonly signIn: string | null;
}

export interface EntrySubject {
  readonly kind: SubjectKind;
  /** Its name, or its id where it has none. */
  readonly name: string;
}

/** What an entry says; its place in the chain and its time come with the writing. */
export interface EntryFacts {
  readonly act: AdministrativeAct;
  readonly who: RecordedCaller;
  /** The address that the call came from; null where it was no call. */
  readonly from: string | null;
  /** The id of the request, as the log has it. */
  readonly request: string | null;
  readonly subject: EntrySubject;
  /** As JSON, never with a secret in it; null where there was nothing. */
  readonly before: object | null;
  readonly after: object | null;
  /** The reason that somebody gave. */
  readonly why: string | null;
  readonly outcome: ActOutcome;
  /** Of what was refused: which check refused it. */
  readonly code: string | null;
  /** How often it happened; more than one only where an entry stands for repetitions. */
  readonly count: number;
}

/** One entry of the administrative record. */
export interface AdminEntry extends EntryFacts {
  /** Counts up from 1 without a gap. */
  readonly seq: number;
  /** The chain hash of the line before; of the first entry zeros. */
  readonly prev: string;
  /** RFC 3339 with milliseconds, on the state database's clock. */
  readonly at: string;
}

/** An entry as text: what the chain covers, without a newline. */
export interface EntryLine {
  readonly seq: number;
  readonly line: string;
  readonly hash: string;
}
