import { type EntityManager, In } from 'typeorm';
import type { Sponsor } from '../../domain/identity/sign-in.js';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import { statementGrantEntity, type StatementGrantRow } from '../entities/recordings/statement-index.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { managerOf, type StateAccess } from '../state/state-transaction.js';
import { inTransaction } from '../state/transaction.js';
import { updateRows } from '../state/update-rows.js';
import type { OutcomeToIndex, StatementToIndex } from './indexed-statement.js';
import { countsWith, type StatementCounts } from './statement-counts.js';
import { forgetSome } from './statement-forget.js';
import { readyStatements, storeStatements } from './statement-store.js';
import { marks, StatementWords, type Term, termKey } from './statement-words.js';

/** How long a recording is one reader's after its last sign of life. */
const READER_SECONDS = 30;
/** Of a recording whose statements are being taken out: it is read from the beginning when none is left. */
const CLEARING = -1;
const TRIES_MAX = 3;

/** What the index has of a recording besides its statements; it is in the recording's first entry. */
export interface IndexedGrant {
  readonly grantId: GrantId;
  readonly principal: string;
  readonly sponsor: Sponsor | null;
  readonly target: string;
  readonly protocol: string;
  readonly title: string;
  readonly reference: string | null;
  readonly openedAtUs: number;
}

/** What the entries of a recording up to one of them bring into the index. */
export interface StatementBatch {
  readonly statements: readonly StatementToIndex[];
  readonly outcomes: readonly OutcomeToIndex[];
  readonly doneSeq: number;
  readonly donePrev: string;
  /** JSON. */
  readonly unfinished: object;
}

type Row = Readonly<Record<string, unknown>>;

/** The index of statements, as who fills it sees it. */
export class StatementIndexRepository {
  readonly #at: StateAccess;
  readonly #words: StatementWords;

  constructor(at: StateAccess) {
    this.#at = at;
    this.#words = new StatementWords(at);
  }

  async find(grantId: GrantId): Promise<StatementGrantRow | undefined> {
    const row = await atState(() => managerOf(this.#at).getRepository(statementGrantEntity).findOneBy({ grantId }));
    return row ?? undefined;
  }

  /** What the statements of each of these recordings come to, of those that the index has. */
  async countsOf(grantIds: readonly GrantId[]): Promise<ReadonlyMap<string, StatementCounts>> {
    if (grantIds.length === 0) return new Map();
    const rows = await atState(() =>
      managerOf(this.#at)
        .getRepository(statementGrantEntity)
        .find({ where: { grantId: In([...grantIds]) }, select: { grantId: true, counts: true } }),
    );
    return new Map(rows.flatMap(({ grantId, counts }) => (counts === null ? [] : [[grantId, counts] as const])));
  }

  /** Makes a recording known to the index, unless it is. */
  async begin({ principal, sponsor, target, ...grant }: IndexedGrant): Promise<void> {
    const [ofPrincipal, ofTarget]: readonly [Term, Term] = [
      { kind: 'principal', value: principal },
      { kind: 'target', value: target },
    ];
    const ofSponsor: Term | null = sponsor === null ? null : { kind: 'sponsor', value: JSON.stringify(sponsor) };
    const numbers = await this.#words.termNumbers([ofPrincipal, ofTarget, ...(ofSponsor === null ? [] : [ofSponsor])]);
    const numberOf = (term: Term): number => {
      const number = numbers.get(termKey(term));
      assert(number !== undefined, 'a word that was stored has a number');
      return number;
    };
    const values = {
      ...grant,
      principalNo: numberOf(ofPrincipal),
      sponsorNo: ofSponsor === null ? null : numberOf(ofSponsor),
      targetNo: numberOf(ofTarget),
      isLive: true,
      doneSeq: 0,
      donePrev: '',
    };
    await atState(() =>
      managerOf(this.#at)
        .createQueryBuilder()
        .insert()
        .into(statementGrantEntity)
        .values(values)
        .orIgnore()
        .updateEntity(false)
        .execute(),
    );
  }

  /** Keeps others from reading the recording meanwhile; every batch renews it. @returns false: another reads it */
  async claim(grantId: GrantId, reader: string): Promise<boolean> {
    const claimed = await updateRows(this.#at, statementGrantEntity, {
      set: { readerId: reader, readerUntilMs: () => `${NOW_MS_SQL} + ${READER_SECONDS * 1000}` },
      where: `grant_id = :grantId AND (reader_id = :reader OR reader_until IS NULL OR reader_until < ${NOW_MS_SQL})`,
      parameters: { grantId, reader },
    });
    return claimed === 1;
  }

  async release(grantId: GrantId, reader: string): Promise<void> {
    await updateRows(this.#at, statementGrantEntity, {
      set: { readerId: null, readerUntilMs: null },
      where: 'grant_id = :grantId AND reader_id = :reader',
      parameters: { grantId, reader },
    });
  }

  /**
   * Adds what the entries after `grant.doneSeq` brought, and says up to where they have been read, at once.
   * @returns false when another has read on or begun again since; nothing happened then
   */
  async apply(grant: StatementGrantRow, batch: StatementBatch): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      const ready = await readyStatements(this.#words, grant, batch);
      const done = await inTransaction(this.#at, async (manager) => {
        const isNext = await advance(manager, grant, batch);
        if (!isNext) return 'moved';
        if (!(await hold(manager, ready.wordings))) return 'gone';
        await storeStatements(manager, grant, ready);
        return 'stored';
      });
      if (done !== 'gone') return done === 'stored';
      assert(tries < TRIES_MAX, 'a wording that was just stored is there');
      this.#words.forget();
    }
  }

  /** The recording is read to its end. */
  async finish(grantId: GrantId): Promise<void> {
    await inTransaction(this.#at, async (manager) => {
      await manager.query('UPDATE statement_grants SET is_live = 0, unfinished = NULL WHERE grant_id = ?', [grantId]);
      await manager.query('UPDATE recordings SET index_due_at = NULL WHERE grant_id = ?', [grantId]);
    });
  }

  /** The recording could not be read; it is tried again later. */
  async postpone(grantId: GrantId, ms: number): Promise<void> {
    await atState(() =>
      managerOf(this.#at).query(
        `UPDATE recordings SET index_due_at = ${NOW_MS_SQL} + ? WHERE grant_id = ? AND index_due_at IS NOT NULL`,
        [ms, grantId],
      ),
    );
  }

  /**
   * Takes the statements of a recording out, so that it can be read from the beginning. Goes on where it was left. Should
   * who does this not come to read it, a worker does.
   */
  async clear(grantId: GrantId): Promise<void> {
    await inTransaction(this.#at, async (manager) => {
      await manager.query('UPDATE recordings SET index_due_at = 0 WHERE grant_id = ?', [grantId]);
      await updateRows(manager, statementGrantEntity, {
        set: { doneSeq: CLEARING, donePrev: '', unfinished: null, counts: null },
        where: 'grant_id = :grantId',
        parameters: { grantId },
      });
    });
    const grant = await this.find(grantId);
    if (grant === undefined) return;
    while (!(await inTransaction(this.#at, (manager) => forgetAndRenew(manager, grant.grantNo))));
    await updateRows(this.#at, statementGrantEntity, {
      set: { doneSeq: 0 },
      where: 'grant_id = :grantId AND done_seq = :clearing',
      parameters: { grantId, clearing: CLEARING },
    });
  }

  /** There is no file to read: nobody tries again until the index is made again. */
  async giveUp(grantId: GrantId): Promise<void> {
    await atState(() =>
      managerOf(this.#at).query('UPDATE recordings SET index_due_at = NULL WHERE grant_id = ?', [grantId]),
    );
  }

  /** Takes a recording out of the index that does not exist any more. */
  async remove(grantId: GrantId): Promise<void> {
    await this.clear(grantId);
    await this.giveUp(grantId);
    await atState(() => managerOf(this.#at).query('DELETE FROM statement_grants WHERE grant_id = ?', [grantId]));
  }

  /** Recordings that are in the index, by their ids. */
  async grantsAfter(after: string, limit: number): Promise<readonly GrantId[]> {
    return this.#grantIds('SELECT grant_id FROM statement_grants WHERE grant_id > ? ORDER BY grant_id LIMIT ?', [
      after,
      limit,
    ]);
  }

  /** Sealed recordings that are to be read, the newest first. */
  async due(limit: number): Promise<readonly GrantId[]> {
    return this.#grantIds(
      `SELECT grant_id FROM recordings WHERE index_due_at <= ${NOW_MS_SQL} ORDER BY index_due_at, grant_id DESC LIMIT ?`,
      [limit],
    );
  }

  /** How many sealed recordings are not in the index, or not as a whole. */
  async missing(): Promise<number> {
    const rows: readonly Row[] = await atState(() =>
      managerOf(this.#at).query('SELECT COUNT(*) AS missing FROM recordings WHERE index_due_at IS NOT NULL'),
    );
    return Number(rows[0]?.['missing']);
  }

  /** Takes wordings out that no statement has any more: of recordings that were removed, or read again. */
  async forgetUnusedWordings(): Promise<number> {
    let forgotten = 0;
    for (let after = 0; ;) {
      const { last, removed } = await inTransaction(this.#at, (manager) => forgetUnused(manager, after));
      forgotten += removed;
      if (last === undefined) return forgotten;
      after = last;
    }
  }

  async #grantIds(query: string, values: readonly unknown[]): Promise<readonly GrantId[]> {
    const rows: readonly { readonly grant_id: GrantId }[] = await atState(() =>
      managerOf(this.#at).query(query, [...values]),
    );
    return rows.map(({ grant_id: id }) => id);
  }
}

/** The condition is the lock: of two who read the same entries one goes on. */
async function advance(
  manager: EntityManager,
  { grantNo, doneSeq, counts }: StatementGrantRow,
  batch: StatementBatch,
): Promise<boolean> {
  const moved = await updateRows(manager, statementGrantEntity, {
    set: {
      doneSeq: batch.doneSeq,
      donePrev: batch.donePrev,
      unfinished: batch.unfinished,
      counts: countsWith(counts, batch),
      readerUntilMs: () => `${NOW_MS_SQL} + ${READER_SECONDS * 1000}`,
    },
    where: 'grant_no = :grantNo AND done_seq = :doneSeq',
    parameters: { grantNo, doneSeq },
  });
  return moved === 1;
}

/** What takes long shows that somebody is at it. */
async function forgetAndRenew(manager: EntityManager, grantNo: number): Promise<boolean> {
  await updateRows(manager, statementGrantEntity, {
    set: { readerUntilMs: () => `${NOW_MS_SQL} + ${READER_SECONDS * 1000}` },
    where: 'grant_no = :grantNo AND reader_id IS NOT NULL',
    parameters: { grantNo },
  });
  return forgetSome(manager, grantNo);
}

/** Keeps wordings from being taken out until the transaction ends. @returns false: one is not there any more */
async function hold(manager: EntityManager, wordings: readonly number[]): Promise<boolean> {
  if (wordings.length === 0) return true;
  const rows: readonly Row[] = await manager.query(
    `SELECT wording_no FROM statement_wordings WHERE wording_no IN ${marks(1, wordings.length)} LOCK IN SHARE MODE`,
    [...wordings],
  );
  return rows.length === wordings.length;
}

const WORDINGS_AT_ONCE = 500;

async function forgetUnused(
  manager: EntityManager,
  after: number,
): Promise<{ readonly last: number | undefined; readonly removed: number }> {
  const rows: readonly Row[] = await manager.query(
    'SELECT wording_no FROM statement_wordings WHERE wording_no > ? ORDER BY wording_no LIMIT ? FOR UPDATE',
    [after, WORDINGS_AT_ONCE],
  );
  const numbers = rows.map((row) => Number(row['wording_no']));
  if (numbers.length === 0) return { last: undefined, removed: 0 };
  const unused: readonly Row[] = await manager.query(
    `SELECT w.wording_no FROM statement_wordings w WHERE w.wording_no IN ${marks(1, numbers.length)}
     AND NOT EXISTS (SELECT 1 FROM statements s WHERE s.wording_no = w.wording_no)`,
    numbers,
  );
  if (unused.length > 0) {
    await manager.query(
      `DELETE FROM statement_wordings WHERE wording_no IN ${marks(1, unused.length)}`,
      unused.map((row) => row['wording_no']),
    );
  }
  return { last: numbers.at(-1), removed: unused.length };
}
