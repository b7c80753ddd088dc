import { Injectable } from '@nestjs/common';
import { signInText } from '../../domain/identity/sign-in.js';
import { AdminRecordRepository } from '../../persistence/record/admin-record.repository.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import type { ActOutcome, AdministrativeAct } from '../../record/acts.js';
import type { EntryFacts, EntrySubject, RecordedCaller } from '../../record/entry.js';
import type { Caller } from '../http/access.js';
import { callOrigin } from '../http/call-origin.js';

/** What is known of somebody who is no caller: of a sign-in that was refused, what was claimed and how. */
export interface ClaimedCaller {
  readonly name: string | null;
  /** `token:<provider>` or `session:<provider>`; null where not even that is known. */
  readonly signIn: string | null;
}

/** An administrative act, or a look at evidence, for its entry. The address and the request are those of the call. */
export interface AdminNote {
  readonly act: AdministrativeAct;
  /** `command-line`: somebody who works on the state database with its password. `broker`: nobody asked for it. */
  readonly by: Caller | ClaimedCaller | 'command-line' | 'broker';
  readonly subject: EntrySubject;
  /** As JSON, never with a secret in it. */
  readonly before?: object | null;
  readonly after?: object | null;
  /** The reason that somebody gave. */
  readonly why?: string | null;
  /** By default `done`. */
  readonly outcome?: ActOutcome;
  /** Of what was refused: which check refused it. */
  readonly code?: string;
  /** Only where it is another than the call's. */
  readonly from?: string | null;
}

/** The administrative record, for those who do or allow what has an entry. What cannot be recorded is refused. */
@Injectable()
export class AdminRecord {
  constructor(private readonly entries: AdminRecordRepository) {}

  /**
   * Does an act at the state database and writes its entry in the same transaction: both happen, or neither. With a note
   * that is null nothing has happened.
   * @throws BrokerError `state_unavailable`, `record_unavailable`, and what the act throws
   */
  together<T>(
    act: (at: StateTransaction) => Promise<{ readonly result: T; readonly note: AdminNote | null }>,
  ): Promise<T> {
    return this.entries.together(async (at) => {
      const { result, note } = await act(at);
      return { result, entry: note === null ? null : factsOf(note) };
    });
  }

  /** Writes an entry. @throws BrokerError `state_unavailable`, `record_unavailable` */
  note(note: AdminNote): Promise<void> {
    return this.entries.append(factsOf(note));
  }
}

function factsOf(note: AdminNote): EntryFacts {
  const origin = callOrigin();
  return {
    act: note.act,
    who: recordedCallerOf(note.by),
    from: note.from === undefined ? (origin?.address ?? null) : note.from,
    request: origin?.request ?? null,
    subject: note.subject,
    before: note.before ?? null,
    after: note.after ?? null,
    why: note.why ?? null,
    outcome: note.outcome ?? 'done',
    code: note.code ?? null,
    count: 1,
  };
}

const NOBODY = { principal: null, name: null, person: null, sponsor: null, signIn: null };

function recordedCallerOf(by: AdminNote['by']): RecordedCaller {
  if (by === 'broker') return NOBODY;
  if (by === 'command-line') return { ...NOBODY, signIn: 'command-line' };
  if (!('id' in by)) return { ...NOBODY, ...by };
  const { id, name, person, sponsor, signIn } = by;
  return { principal: id, name, person, sponsor, signIn: signInText(signIn) };
}
