import { Injectable } from '@nestjs/common';
import { signInText } from '../../domain/identity/sign-in.js';
import { AdminRecordRepository } from '../../persistence/record/admin-record.repository.js';
import type { StateTransaction } from '../../persistence/state/state-transaction.js';
import { chainHash } from '../../recording/chain/chain.js';
import { addressRange } from '../../record/address-range.js';
import type { ActOutcome, AdministrativeAct } from '../../record/acts.js';
import type { EntryFacts, EntrySubject, RecordedCaller } from '../../record/entry.js';
import type { Caller } from '../http/access.js';
import { callOrigin } from '../http/call-origin.js';
import { RecentLooks } from './recent-looks.js';

/** What is known of somebody who is no caller: of a sign-in that was refused, what was claimed and how. */
export interface ClaimedCaller {
  readonly name: string | null;
  /** `token:<provider>` or `session:<provider>`; null where not even that is known. */
  readonly signIn: string | null;
}

/** Somebody who does an administrative act: through the api, or with the state database's own password. */
export type ActingCaller = Caller | 'command-line';

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
  readonly #looks = new RecentLooks();

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

  /**
   * Writes an entry of a look at evidence, before it is shown: one for the same look by the same caller in ten minutes,
   * so that anyone who pages through a recording is one entry and does not wait for it again and again.
   * @throws BrokerError `state_unavailable`, `record_unavailable`
   */
  async noteLook(note: AdminNote): Promise<void> {
    const facts = factsOf(note);
    const { act, who, subject, after } = facts;
    const key = chainHash(JSON.stringify([act, who.principal, who.signIn, subject.kind, subject.name, after]));
    if (this.#looks.has(key)) return;
    const isNew = await this.entries.appendOnce(key, facts);
    this.#looks.remember(key, isNew);
  }

  /**
   * Writes an entry of a refused sign-in. Further ones from the same address by the same check are only counted; ten
   * minutes later they have an entry together. However many addresses there are, the record grows slowly.
   * @throws BrokerError `state_unavailable`, `record_unavailable`
   */
  async noteRefusal(note: AdminNote): Promise<void> {
    const own = { ...factsOf(note), outcome: 'refused' } as const;
    const { act, from, subject, code } = own;
    const same = [act, subject.kind, subject.name, code];
    await this.entries.appendCounted(
      {
        own: chainHash(JSON.stringify([...same, from === null ? null : addressRange(from)])),
        shared: chainHash(JSON.stringify([act, 'any address'])),
      },
      { own, shared: { ...own, who: NOBODY, from: null, code: 'many-addresses' } },
    );
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
