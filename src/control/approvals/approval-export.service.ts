import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type {
  ApprovalExportQuery,
  ApprovalListQuery,
  ApprovalSummaryView,
} from '../../contracts/approvals/approval.js';
import { PAGE_LIMIT_MAX } from '../../contracts/call-limits.js';
import { BrokerError } from '../../kernel/errors.js';
import { ApprovalRepository } from '../../persistence/approvals/approval.repository.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { ApprovalLists } from './approval-lists.js';
import { TABLE_HEAD, tableLine } from './approval-table.js';

/** More are for several exports: each is read in one go, and somebody opens it in a spreadsheet. */
export const EXPORTED_MAX = 10_000;

export interface ApprovalFile {
  readonly type: string;
  readonly name: string;
  readonly text: Readable;
}

/** Approvals as files. They have what lists have, for the same callers. */
@Injectable()
export class ApprovalExportService {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly lists: ApprovalLists,
    private readonly record: AdminRecord,
  ) {}

  /** @throws BrokerError `export_over_limit` */
  async export(caller: Caller, { format, ...filters }: ApprovalExportQuery): Promise<ApprovalFile> {
    const query: ApprovalListQuery = { ...filters, limit: PAGE_LIMIT_MAX };
    const filter = await this.lists.filterOf(caller, query);
    if (filter !== undefined && (await this.approvals.hasMoreThan(filter, EXPORTED_MAX))) {
      throw new BrokerError('export_over_limit', { detail: `One export holds ${EXPORTED_MAX} approvals.` });
    }
    await this.record.note({
      act: 'approval.exported',
      by: caller,
      subject: { kind: 'approval', name: '*' },
      after: { format, ...filters },
    });
    const items = this.#items(caller, query);
    const lines = format === 'csv' ? tableLines(items) : jsonLines(items);
    const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8';
    return { type, name: `approvals.${format}`, text: Readable.from(lines, { objectMode: false }) };
  }

  async *#items(caller: Caller, query: ApprovalListQuery): AsyncGenerator<ApprovalSummaryView> {
    let cursor: string | undefined;
    for (let left = EXPORTED_MAX; left > 0; left -= PAGE_LIMIT_MAX) {
      const { items, next } = await this.lists.list(caller, cursor === undefined ? query : { ...query, cursor });
      yield* items;
      if (next === null) return;
      cursor = next;
    }
  }
}

async function* tableLines(items: AsyncIterable<ApprovalSummaryView>): AsyncGenerator<string> {
  yield TABLE_HEAD;
  for await (const item of items) yield tableLine(item);
}

async function* jsonLines(items: AsyncIterable<ApprovalSummaryView>): AsyncGenerator<string> {
  yield '{"items":[';
  let isFirst = true;
  for await (const item of items) {
    yield `${isFirst ? '\n' : ',\n'}${JSON.stringify(item)}`;
    isFirst = false;
  }
  yield '\n]}\n';
}
