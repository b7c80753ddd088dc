import type { DataSource } from 'typeorm';
import { recordCheckpointEntity, recordEntryEntity, type RecordEntryRow } from '../entities/administrative-record.js';
import { atState } from '../state/at-state.js';
import { NOW_MS_SQL } from '../state/state-clock.js';

export interface RecordFilter {
  readonly act?: string | undefined;
  /** The name of the one who did it. */
  readonly principal?: string | undefined;
  /** The name of what it was done to. */
  readonly subject?: string | undefined;
  /** `from` included, `to` not. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Only entries before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Where the chain stands, and when that was read on the state database's clock. */
export interface RecordHead {
  readonly seq: number;
  readonly hash: string;
  readonly nowMs: number;
}

export interface StoredCheckpoint {
  readonly seq: number;
  readonly jws: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Reads the administrative record. Whether it holds is for others to find out. */
export class RecordReader {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first. */
  async list(filter: RecordFilter): Promise<readonly RecordEntryRow[]> {
    const conditions: readonly (readonly [string, string, unknown])[] = [
      ['entry.act = :act', 'act', filter.act],
      ['entry.principalName = :principal', 'principal', filter.principal],
      ['entry.subjectName = :subject', 'subject', filter.subject],
      ['entry.atMs >= :fromMs', 'fromMs', filter.fromMs],
      ['entry.atMs < :toMs', 'toMs', filter.toMs],
      ['entry.seq < :before', 'before', filter.before],
    ];
    return atState(() => {
      const query = this.dataSource.getRepository(recordEntryEntity).createQueryBuilder('entry');
      for (const [condition, name, value] of conditions) {
        if (value !== undefined) query.andWhere(condition, { [name]: value });
      }
      return query.orderBy('entry.seq', 'DESC').limit(filter.limit).getMany();
    });
  }

  /** Entries after one and up to another, in order. */
  async between(
    { after, to }: { readonly after: number; readonly to: number },
    limit: number,
  ): Promise<readonly RecordEntryRow[]> {
    return atState(() =>
      this.dataSource
        .getRepository(recordEntryEntity)
        .createQueryBuilder('entry')
        .where('entry.seq > :after AND entry.seq <= :to', { after, to })
        .orderBy('entry.seq', 'ASC')
        .limit(limit)
        .getMany(),
    );
  }

  /** Checkpoints of entries after one and up to another, in order. */
  async checkpointsBetween(
    { after, to }: { readonly after: number; readonly to: number },
    limit: number,
  ): Promise<readonly StoredCheckpoint[]> {
    return atState(() =>
      this.dataSource
        .getRepository(recordCheckpointEntity)
        .createQueryBuilder('checkpoint')
        .where('checkpoint.seq > :after AND checkpoint.seq <= :to', { after, to })
        .orderBy('checkpoint.seq', 'ASC')
        .limit(limit)
        .getMany(),
    );
  }

  /** Of the highest entry. */
  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    const [last] = await atState(() =>
      this.dataSource.getRepository(recordCheckpointEntity).find({ order: { seq: 'DESC' }, take: 1 }),
    );
    return last;
  }

  /** Undefined when the head is missing, which no process ever takes away. */
  async head(): Promise<RecordHead | undefined> {
    const rows: readonly Row[] = await atState(() =>
      this.dataSource.query(`SELECT seq, hash, ${NOW_MS_SQL} AS now FROM record_head WHERE id = 1`),
    );
    const [row] = rows;
    return row && { seq: Number(row['seq']), hash: String(row['hash']), nowMs: Number(row['now']) };
  }

  /** The number of the last entry that is stored; 0 where there is none. */
  async lastSeq(): Promise<number> {
    const rows: readonly Row[] = await atState(() =>
      this.dataSource.query('SELECT COALESCE(MAX(seq), 0) AS seq FROM record_entries'),
    );
    return Number(rows[0]?.['seq']);
  }

  /** The first entry of a time or later; undefined when there is none. */
  async firstFrom(ms: number): Promise<number | undefined> {
    return this.#oneSeq('SELECT MIN(seq) AS seq FROM record_entries WHERE at >= ?', ms);
  }

  /** The last entry before a time; undefined when there is none. */
  async lastBefore(ms: number): Promise<number | undefined> {
    return this.#oneSeq('SELECT MAX(seq) AS seq FROM record_entries WHERE at < ?', ms);
  }

  /** The hash of an entry, as it is stored. */
  async hashOf(seq: number): Promise<string | undefined> {
    const found = await atState(() =>
      this.dataSource.getRepository(recordEntryEntity).findOne({ where: { seq }, select: { seq: true, hash: true } }),
    );
    return found?.hash;
  }

  /** Keeps the checkpoint that is there: two workers may sign for the same entry. */
  async insertCheckpoint({ seq, jws, atMs }: StoredCheckpoint & { readonly atMs: number }): Promise<void> {
    await atState(() =>
      this.dataSource
        .createQueryBuilder()
        .insert()
        .into(recordCheckpointEntity)
        .values({ seq, atMs, jws })
        .orIgnore()
        .execute(),
    );
  }

  async #oneSeq(query: string, ms: number): Promise<number | undefined> {
    const rows: readonly Row[] = await atState(() => this.dataSource.query(query, [ms]));
    const seq = rows[0]?.['seq'];
    return seq === null || seq === undefined ? undefined : Number(seq);
  }
}
