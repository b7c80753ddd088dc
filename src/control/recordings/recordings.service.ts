import { Inject, Injectable } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { type Page, pageOf } from '../../contracts/page.js';
import type {
  EntriesPage,
  EntriesQuery,
  RecordingListQuery,
  RecordingView,
} from '../../contracts/recordings/recording.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { GrantRepository } from '../../persistence/grants/grant.repository.js';
import { PublishedKeyRepository } from '../../persistence/recordings/published-key.repository.js';
import { RecordingRepository } from '../../persistence/recordings/recording.repository.js';
import { RecordingReviewRepository } from '../../persistence/recordings/recording-review.repository.js';
import { recordedBy, type TargetProtocol } from '../../protocol/target-protocol.js';
import { type VerificationReport, verifyOpened } from '../../recording/verify/verify.js';
import type { Caller } from '../http/access.js';
import { publishedSealKeys } from '../keys/seal-keys.js';
import { msOf } from '../http/time.js';
import { PROTOCOLS } from '../modules/tokens.js';
import { AdminRecord } from '../record/admin-record.js';
import { RecordingEntries } from './recording-entries.js';
import { recordingNote } from './recording-note.js';
import { RecordingReader } from './recording-reader.js';
import { RecordingViews } from './recording-views.js';
import { SealedRecordings } from './sealed-recordings.js';

export interface SealedFileView {
  readonly name: string;
  readonly bytes: number;
  readonly stream: Readable;
}

/** What reviewers read. No agent comes here: its role has no permission to read recordings, not even its own. */
@Injectable()
export class RecordingsService {
  constructor(
    private readonly grants: GrantRepository,
    private readonly recordings: RecordingRepository,
    private readonly views: RecordingViews,
    private readonly keys: PublishedKeyRepository,
    private readonly sealed: SealedRecordings,
    private readonly reader: RecordingReader,
    private readonly pages: RecordingEntries,
    private readonly record: AdminRecord,
    @Inject(PROTOCOLS) private readonly protocols: readonly TargetProtocol[],
  ) {}

  async list(query: RecordingListQuery, caller: Caller): Promise<Page<RecordingView>> {
    const { limit: _limit, cursor: _cursor, ...sought } = query;
    const all = { kind: 'recording', name: '*' } as const;
    await this.record.noteLook({ act: 'recording.searched', by: caller, subject: all, after: sought });
    const rows = await this.grants.list({
      recorded: true,
      principalName: query.principal,
      targetName: query.target,
      protocol: query.protocol,
      fromMs: msOf(query.from),
      toMs: msOf(query.to),
      before: query.cursor,
      limit: query.limit + 1,
    });
    return pageOf(await this.views.of(rows, caller), query.limit, ({ grantId }) => grantId);
  }

  async look(id: string, caller: Caller): Promise<RecordingView> {
    const grant = await this.reader.find(id);
    await this.record.noteLook(recordingNote('recording.seen', grant, caller));
    return this.views.one(grant, caller);
  }

  /** Entries of a recording, sealed or not: of one that goes on, those written so far. */
  async entries(id: string, query: EntriesQuery, caller: Caller): Promise<EntriesPage> {
    const grant = await this.reader.find(id);
    await this.record.noteLook(recordingNote('recording.read', grant, caller));
    return this.reader.read(grant, (recording) => this.pages.page(recording, query));
  }

  /** Every download is an entry of its own: the file leaves the broker. */
  async file(id: string, caller: Caller): Promise<SealedFileView> {
    const grant = await this.#findSealed(id);
    const file = await this.sealed.open(grant.id);
    try {
      await this.record.note(recordingNote('recording.downloaded', grant, caller));
      const { size } = await file.stat();
      return { name: `${grant.id}.tar`, bytes: size, stream: file.createReadStream({ start: 0, end: size - 1 }) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Checks the sealed file against the published seal keys, and that it is the one that was sealed for this grant. */
  async verify(id: string, caller: Caller): Promise<VerificationReport> {
    const grant = await this.#findSealed(id);
    await this.record.noteLook(recordingNote('recording.verified', grant, caller));
    const grantId = grant.id;
    const trustedKeys = await publishedSealKeys(this.keys);
    const { file, problem } = await this.sealed.look(grantId);
    try {
      const report = await verifyOpened(file, { trustedKeys, grant: grantId, protocols: recordedBy(this.protocols) });
      const verdict = report.ok && problem !== undefined ? { ok: false as const, problem } : report;
      await this.recordings.setVerified(grantId, { by: caller.name, ok: verdict.ok });
      return verdict;
    } finally {
      await file.close();
    }
  }

  /** Says that the caller has read the recording; or no longer. */
  async review(id: string, isRead: boolean, caller: Caller): Promise<RecordingView> {
    const grant = await this.reader.find(id);
    await this.record.together(async (at) => {
      const reviews = at.of(RecordingReviewRepository);
      const mark = { grantId: grant.id, principalId: caller.id, principalName: caller.name };
      const isChange = isRead ? await reviews.insert(mark) : await reviews.delete(grant.id, caller.id);
      const note = { ...recordingNote('recording.reviewed', grant, caller), after: { read: isRead } };
      return { result: undefined, note: isChange ? note : null };
    });
    return this.views.one(grant, caller);
  }

  async #findSealed(id: string): Promise<GrantRow> {
    const grant = await this.reader.find(id);
    if (grant.state !== 'sealed') throw new BrokerError('recording_not_sealed');
    return grant;
  }
}
