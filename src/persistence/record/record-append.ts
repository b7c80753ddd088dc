import type { EntityManager } from 'typeorm';
import { BrokerError } from '../../kernel/errors.js';
import type { EntryFacts } from '../../record/entry.js';
import { entryIn, LINE_BYTES_MAX, lineOf, type WrittenEntry } from '../../record/entry-line.js';
import { recordEntryEntity, recordHeadEntity } from '../entities/administrative-record.js';
import { atState, StateError } from '../state/at-state.js';
import { appendEvents } from '../events/event-append.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';

const HEAD_ID = 1;

/**
 * Writes an entry at the end of the chain, in a transaction that reads what is committed. The head's row is locked until
 * the transaction ends, so this comes last in it. @returns the entry's number
 * @throws BrokerError `state_unavailable`; `record_unavailable` when the record does not take an entry: what was to be
 *   recorded must not happen then
 */
export async function appendEntry(manager: EntityManager, facts: EntryFacts): Promise<number> {
  try {
    return await atState(() => append(manager, facts));
  } catch (cause) {
    if (!(cause instanceof StateError)) throw cause;
    throw new BrokerError('record_unavailable', { cause });
  }
}

async function append(manager: EntityManager, facts: EntryFacts): Promise<number> {
  const rows: readonly Readonly<Record<string, unknown>>[] = await manager.query(
    `SELECT seq, hash, ${NOW_MS_SQL} AS now FROM record_head WHERE id = ${HEAD_ID} FOR UPDATE`,
  );
  const [head] = rows;
  if (head === undefined) throw new BrokerError('record_unavailable', { detail: 'Its head is missing.' });
  const prev = String(head['hash']);
  const { seq, line, hash } = lineOf(facts, { seq: Number(head['seq']) + 1, prev, atMs: Number(head['now']) });
  const entry = entryIn(line);
  if (entry === undefined || Buffer.byteLength(line) > LINE_BYTES_MAX) {
    throw new BrokerError('record_unavailable', { detail: `The entry of ${facts.act} would not be readable.` });
  }
  const { act, who, subject, at } = entry;
  await manager
    .createQueryBuilder()
    .insert()
    .into(recordEntryEntity)
    .values({
      seq,
      atMs: Date.parse(at),
      act,
      principalName: who.name,
      subjectKind: subject.kind,
      subjectName: subject.name,
      line,
      hash,
    })
    .updateEntity(false)
    .execute();
  await appendEvents(manager, [{ type: 'act.recorded', data: eventOf(entry, hash) }]);
  await updateRows(manager, recordHeadEntity, { set: { seq, hash }, where: `id = ${HEAD_ID}` });
  return seq;
}

/** What is told outside: who did what to what. What changed is in the record alone. */
function eventOf({ seq, act, who, from, subject, why, outcome, code, count, at }: WrittenEntry, hash: string): object {
  const { name, sponsor, signIn } = who;
  return {
    seq,
    at,
    act,
    who: { name, sponsor: sponsor?.name ?? null, signIn },
    from,
    subject,
    reason: why,
    outcome,
    code,
    count,
    hash,
  };
}
