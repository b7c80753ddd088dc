import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type {
  RecordEntryPage,
  RecordEntryView,
  RecordExportQuery,
  RecordListQuery,
  RecordVerificationView,
} from '../../contracts/broker/admin-record.js';
import type { Clock } from '../../kernel/clock.js';
import { BrokerError } from '../../kernel/errors.js';
import type { RecordEntryRow } from '../../persistence/entities/administrative-record.js';
import { RecordReader } from '../../persistence/record/record-reader.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import type { AdministrativeAct } from '../../record/acts.js';
import { entryIn } from '../../record/entry-line.js';
import { type ExportHead, headerLine, itemLine } from '../../record/export-file.js';
import { type ChainPosition, RECORD_START } from '../../record/record-check.js';
import { checkRecord, type RecordLine, type RecordReport } from '../../record/record-report.js';
import type { Caller } from '../http/access.js';
import { msOf, timeOf } from '../http/time.js';
import { publishedSealKeys } from '../keys/seal-keys.js';
import { CLOCK } from '../modules/tokens.js';
import { type AdminNote, AdminRecord } from './admin-record.js';
import { recordEnd, storedRecord } from './stored-record.js';

/** Reading, checking and exporting the administrative record, which are entries of it themselves. */
@Injectable()
export class RecordService {
  #checking: Promise<RecordReport> | undefined;

  constructor(
    private readonly reader: RecordReader,
    private readonly record: AdminRecord,
    private readonly keys: PublishedKeyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list({ limit, cursor, ...sought }: RecordListQuery, caller: Caller): Promise<RecordEntryPage> {
    await this.record.noteLook(noteOf('record.read', caller, sought));
    const { act, principal, subject, from, to } = sought;
    const times = { fromMs: msOf(from), toMs: msOf(to) };
    const rows = await this.reader.list({ act, principal, subject, ...times, before: cursor, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    return { items: shown.map(viewOf), next: rows.length > limit ? (shown.at(-1)?.seq ?? null) : null };
  }

  /** Checks the whole record as it is stored. Those who ask meanwhile have the answer of the check that runs. */
  async verify(caller: Caller): Promise<RecordVerificationView> {
    await this.record.noteLook(noteOf('record.verified', caller, {}));
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    const report = await this.#checking;
    const checkedAt = timeOf(this.clock.nowMs());
    if (!report.ok) return { ...report, checkedAt };
    const { signed, ...rest } = report;
    if (signed === null) return { ...rest, signed, checkedAt };
    const { seq, hash, at, keyId } = signed;
    return { ...rest, signed: { seq, hash, at, keyId }, checkedAt };
  }

  /** The lines of an export, the entry of it included where its time is. */
  async export(query: RecordExportQuery, caller: Caller): Promise<Readable> {
    await this.record.note(noteOf('record.exported', caller, query));
    const header = await this.#exported(query);
    const range = { after: header.after.seq, to: header.to.seq, signedTo: 0 };
    return Readable.from(exportLines(header, storedRecord(this.reader, range)), { objectMode: false });
  }

  async #check(): Promise<RecordReport> {
    const { head, signedTo, lastSeq } = await recordEnd(this.reader);
    if (head === undefined) {
      return { ok: false, entries: 0, problem: { entry: 1, what: 'The head of the record is missing.' } };
    }
    const items = storedRecord(this.reader, { after: 0, to: head.seq, signedTo });
    const report = await checkRecord(items, { keys: await publishedSealKeys(this.keys), to: head });
    if (!report.ok || lastSeq <= head.seq) return report;
    const entry = head.seq + 1;
    const what = `Entry ${entry} was added: the head of the record is entry ${head.seq}.`;
    return { ok: false, entries: report.entries, problem: { entry, what } };
  }

  async #exported({ from, to }: RecordExportQuery): Promise<ExportHead> {
    const [fromMs, toMs] = [msOf(from), msOf(to)];
    const { head } = await recordEnd(this.reader);
    if (head === undefined) throw new BrokerError('record_unavailable', { detail: 'Its head is missing.' });
    const first = fromMs === undefined ? 1 : ((await this.reader.firstFrom(fromMs)) ?? head.seq + 1);
    const last = toMs === undefined ? head.seq : ((await this.reader.lastBefore(toMs)) ?? 0);
    const after = await this.#point(first - 1);
    return { after, to: last < first ? after : await this.#point(last) };
  }

  async #point(seq: number): Promise<ChainPosition> {
    if (seq === 0) return RECORD_START;
    const hash = await this.reader.hashOf(seq);
    if (hash === undefined) throw new BrokerError('record_unavailable', { detail: `Entry ${seq} is missing.` });
    return { seq, hash };
  }
}

function noteOf(act: AdministrativeAct, by: Caller, after: object): AdminNote {
  return { act, by, subject: { kind: 'record', name: '*' }, after };
}

function viewOf({ seq, line }: RecordEntryRow): RecordEntryView {
  const entry = entryIn(line);
  if (entry === undefined) {
    throw new BrokerError('record_unavailable', {
      detail: `Entry ${seq} is damaged; GET /v1/record/verification says how.`,
    });
  }
  const { prev: _prev, ...view } = entry;
  return view;
}

async function* exportLines(header: ExportHead, items: AsyncIterable<RecordLine>): AsyncGenerator<string> {
  yield `${headerLine(header)}\n`;
  for await (const item of items) yield `${itemLine(item)}\n`;
}
