import type { EntityManager } from 'typeorm';
import type { EntryFacts } from '../../record/entry.js';
import { recordRepeatEntity } from '../entities/administrative-record.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { updateRows } from '../state/update-rows.js';
import { appendEntry } from './record-append.js';

/** For so long the same is one entry. */
export const REPEAT_MS = 600_000;
/** Things that are counted at a time, each under a key of its own; what comes besides is counted together. */
export const COUNTED_MAX = 100;

const UNTIL = `${NOW_MS_SQL} + ${REPEAT_MS}`;
const ENDED = `until_at <= ${NOW_MS_SQL}`;

/** Whether this is the first of its key for now: of several who ask at once, one is told so. */
export async function isFirst(manager: EntityManager, keyHash: string): Promise<boolean> {
  const renewed = await updateRows(manager, recordRepeatEntity, {
    set: { untilMs: () => UNTIL },
    where: `key_hash = :keyHash AND ${ENDED}`,
    parameters: { keyHash },
  });
  return renewed === 1 || begin(manager, keyHash, null);
}

/** Where something is counted: under its own key, or with all others when too many are counted already. */
export interface CountedKeys {
  readonly own: string;
  readonly shared: string;
}

/** Writes an entry of the first of its key; the others are only counted, and have an entry together later. */
export async function appendCounted(
  manager: EntityManager,
  { own, shared }: CountedKeys,
  facts: { readonly own: EntryFacts; readonly shared: EntryFacts },
): Promise<void> {
  if (await countsUp(manager, own)) return;
  await endCount(manager, own);
  const isOwn = (await countedNow(manager)) < COUNTED_MAX;
  const keyHash = isOwn ? own : shared;
  if (!isOwn) {
    if (await countsUp(manager, shared)) return;
    await endCount(manager, shared);
  }
  const said = isOwn ? facts.own : facts.shared;
  if (await begin(manager, keyHash, said)) await appendEntry(manager, said);
  else await countsUp(manager, keyHash);
}

/** Forgets what is over, and writes the entry of what was counted. False: nothing was over. */
export async function endOldest(manager: EntityManager): Promise<boolean> {
  const rows: readonly { readonly key: string }[] = await manager.query(
    `SELECT key_hash AS \`key\` FROM record_repeats WHERE ${ENDED} ORDER BY until_at LIMIT 1`,
  );
  const [row] = rows;
  if (row === undefined) return false;
  await endCount(manager, row.key);
  return true;
}

async function begin(manager: EntityManager, keyHash: string, facts: EntryFacts | null): Promise<boolean> {
  const begun: unknown = await manager.query(
    `INSERT IGNORE INTO record_repeats (key_hash, until_at, more, facts) VALUES (?, ${UNTIL}, 0, ?)`,
    [keyHash, facts === null ? null : JSON.stringify(facts)],
  );
  return Object(begun).affectedRows === 1;
}

async function countsUp(manager: EntityManager, keyHash: string): Promise<boolean> {
  const counted = await updateRows(manager, recordRepeatEntity, {
    set: { more: () => 'more + 1' },
    where: `key_hash = :keyHash AND until_at > ${NOW_MS_SQL}`,
    parameters: { keyHash },
  });
  return counted === 1;
}

/** The row is locked meanwhile, so what was counted has one entry. */
async function endCount(manager: EntityManager, keyHash: string): Promise<void> {
  const rows: readonly { readonly more: number; readonly facts: string | null }[] = await manager.query(
    `SELECT more, facts FROM record_repeats WHERE key_hash = ? AND ${ENDED} FOR UPDATE`,
    [keyHash],
  );
  const [row] = rows;
  if (row === undefined) return;
  await manager.query('DELETE FROM record_repeats WHERE key_hash = ?', [keyHash]);
  if (row.more === 0 || row.facts === null) return;
  const facts: EntryFacts = JSON.parse(row.facts);
  await appendEntry(manager, { ...facts, request: null, count: row.more });
}

async function countedNow(manager: EntityManager): Promise<number> {
  const rows: readonly { readonly counted: unknown }[] = await manager.query(
    `SELECT COUNT(*) AS counted FROM record_repeats WHERE until_at > ${NOW_MS_SQL} AND facts IS NOT NULL`,
  );
  return Number(rows[0]?.counted);
}
