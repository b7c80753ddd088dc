import type { DataSource } from 'typeorm';
import type { ApprovalId, PrincipalId } from '../../kernel/brand.js';
import { emailDigestEntity, type EmailDigestRow, emailToldEntity } from '../entities/channels/email.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';
import { againIfItGaveWay, inTransaction } from '../state/transaction.js';
import { type RowUpdate, updateRows } from '../state/update-rows.js';

/** How long a worker that dies while it sends a digest keeps the others from sending it. */
export const SENDING_MS_MAX = 120_000;
/** How many are found, or forgotten, at once. */
const FOUND_MAX = 500;

/** A digest that somebody would send. */
export interface DigestClaim {
  readonly personId: PrincipalId;
  /** Of the person's last digest, as it was read; null: there was none. */
  readonly last: Pick<EmailDigestRow, 'number' | 'openedAtMs'> | null;
  /** All that it names: at least one. */
  readonly approvals: readonly ApprovalId[];
  /** Since the one before. */
  readonly everyMs: number;
}

/** A digest that one worker sends, and no other. */
export type ClaimedDigest = Pick<EmailDigestRow, 'personId' | 'number' | 'tries'>;

/** The digests of people, and what they were told by them. */
export class EmailDigestRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The last digest of each person who ever had one. */
  async lastOf(persons: readonly PrincipalId[]): Promise<ReadonlyMap<PrincipalId, EmailDigestRow>> {
    if (persons.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(emailDigestEntity, 'digest')
        .where('digest.person_id IN (:...persons)', { persons })
        .getMany(),
    );
    return new Map(rows.map((row) => [row.personId, row]));
  }

  /** Of the questions, those that each of the people was told of. */
  async toldOf(
    persons: readonly PrincipalId[],
    approvals: readonly ApprovalId[],
  ): Promise<ReadonlyMap<PrincipalId, ReadonlySet<ApprovalId>>> {
    if (persons.length === 0 || approvals.length === 0) return new Map();
    const rows = await atState(() =>
      this.dataSource
        .createQueryBuilder(emailToldEntity, 'told')
        .where('told.person_id IN (:...persons) AND told.approval_id IN (:...approvals)', { persons, approvals })
        .getMany(),
    );
    const told = Map.groupBy(rows, ({ personId }) => personId);
    return new Map([...told].map(([person, of]) => [person, new Set(of.map(({ approvalId }) => approvalId))]));
  }

  /** Digests that are on their way, and that a worker may try to send now. */
  async due(): Promise<readonly EmailDigestRow[]> {
    return atState(() =>
      this.dataSource
        .createQueryBuilder(emailDigestEntity, 'digest')
        .where(`digest.opened_at IS NOT NULL AND digest.try_at <= ${NOW_MS_SQL}`)
        .orderBy('digest.try_at', 'ASC')
        .limit(FOUND_MAX)
        .getMany(),
    );
  }

  /** How many are on their way. */
  async countOpen(): Promise<number> {
    return atState(() =>
      this.dataSource.createQueryBuilder(emailDigestEntity, 'digest').where('digest.opened_at IS NOT NULL').getCount(),
    );
  }

  /**
   * Opens a person's next digest, or takes the one that is on its way, and notes what it tells; undefined when another
   * worker was first, or it is too early. Who dies before {@link close} or {@link tryLater} leaves it to the next.
   */
  async claim({ personId, last, approvals, everyMs }: DigestClaim): Promise<ClaimedDigest | undefined> {
    const isNew = last === null || last.openedAtMs === null;
    const number = (last?.number ?? 0) + (isNew ? 1 : 0);
    // By itself: a row that two insert in their transactions makes them wait for each other.
    if (last === null) await againIfItGaveWay(() => this.dataSource.query(INSERT_DIGEST, [personId]));
    return inTransaction(this.dataSource, async (manager) => {
      const claimed = await updateRows(manager, emailDigestEntity, {
        set: {
          number,
          openedAtMs: () => `COALESCE(opened_at, ${NOW_MS_SQL})`,
          tryAtMs: () => `${NOW_MS_SQL} + ${SENDING_MS_MAX}`,
          tries: () => (isNew ? '1' : 'tries + 1'),
        },
        where: isNew ? MAY_OPEN : MAY_TRY,
        parameters: { personId, last: last?.number ?? 0, everyMs },
      });
      if (claimed !== 1) return undefined;
      await manager
        .createQueryBuilder()
        .insert()
        .into(emailToldEntity)
        .values(approvals.map((approvalId) => ({ personId, approvalId })))
        .orIgnore()
        .updateEntity(false)
        .execute();
      const row = await manager.findOneByOrFail(emailDigestEntity, { personId });
      return { personId, number, tries: row.tries };
    });
  }

  /** The digest is over: it was sent, or is given up. */
  async close({ personId, number }: Pick<ClaimedDigest, 'personId' | 'number'>): Promise<void> {
    await this.#change({
      set: { openedAtMs: null, tryAtMs: null, tries: 0, sentAtMs: () => NOW_MS_SQL },
      where: 'person_id = :personId AND number = :number AND opened_at IS NOT NULL',
      parameters: { personId, number },
    });
  }

  /** It was not sent, and is to be tried again after some time. */
  async tryLater({ personId, number, tries }: ClaimedDigest, afterMs: number): Promise<void> {
    await this.#change({
      set: { tryAtMs: () => `${NOW_MS_SQL} + ${Math.round(afterMs)}` },
      where: 'person_id = :personId AND number = :number AND tries = :tries AND opened_at IS NOT NULL',
      parameters: { personId, number, tries },
    });
  }

  /** A mail that went out and is not noted would go out again. */
  async #change(update: RowUpdate<EmailDigestRow>): Promise<void> {
    await againIfItGaveWay(() => updateRows(this.dataSource, emailDigestEntity, update));
  }

  /** Forgets what people were told of questions that wait no more. */
  async forgetSettled(): Promise<void> {
    const rows: readonly { readonly id: ApprovalId }[] = await atState(() => this.dataSource.query(TOLD_SETTLED));
    if (rows.length === 0) return;
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .delete()
        .from(emailToldEntity)
        .where('approval_id IN (:...ids)', { ids: rows.map(({ id }) => id) })
        .execute(),
    );
  }
}

const INSERT_DIGEST = 'INSERT IGNORE INTO email_digests (person_id, number, tries) VALUES (?, 0, 0)';
const MAY_OPEN = `person_id = :personId AND number = :last AND opened_at IS NULL
  AND (sent_at IS NULL OR sent_at <= ${NOW_MS_SQL} - :everyMs)`;
const MAY_TRY = `person_id = :personId AND number = :last AND opened_at IS NOT NULL AND try_at <= ${NOW_MS_SQL}`;
const TOLD_SETTLED = `SELECT DISTINCT told.approval_id AS id FROM email_told told
  LEFT JOIN approvals approval ON approval.id = told.approval_id
  WHERE approval.id IS NULL OR approval.state <> 'pending' LIMIT ${FOUND_MAX}`;
