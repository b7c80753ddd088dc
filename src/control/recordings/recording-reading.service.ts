import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type {
  RecordedResultView,
  RecordedStatementView,
  ResultQuery,
} from '../../contracts/recordings/recorded-statement.js';
import type { RecordingMarks } from '../../contracts/recordings/recording-marks.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { Caller } from '../http/access.js';
import { AdminRecord } from '../record/admin-record.js';
import { RecordedStatements } from './recorded-statements.js';
import { MarksOfRecordings } from './recording-marks.js';
import { recordingNote } from './recording-note.js';
import { RecordingReader } from './recording-reader.js';
import { RecordingStream } from './recording-stream.js';

export interface AskedStream {
  readonly id: string;
  readonly after: number;
  readonly request: Request;
  readonly response: Response;
  readonly gone: AbortSignal;
}

/** How reviewers look into a recording: what stands where, one statement, its answer, and what is written just now. */
@Injectable()
export class RecordingReadingService {
  constructor(
    private readonly reader: RecordingReader,
    private readonly index: MarksOfRecordings,
    private readonly statements: RecordedStatements,
    private readonly stream: RecordingStream,
    private readonly record: AdminRecord,
  ) {}

  async marks(id: string, caller: Caller): Promise<RecordingMarks> {
    return this.index.of(await this.#noted(id, caller));
  }

  async statement(id: string, number: number, caller: Caller): Promise<RecordedStatementView> {
    return this.statements.statement(await this.#noted(id, caller), number);
  }

  async result(id: string, number: number, asked: ResultQuery, caller: Caller): Promise<RecordedResultView> {
    return this.statements.result(await this.#noted(id, caller), number, asked);
  }

  /** Returns when the stream is over. */
  async follow(caller: Caller, { id, after, request, response, gone }: AskedStream): Promise<void> {
    const grant = await this.#noted(id, caller);
    await this.stream.serve(caller, { grant, after: lastSeen(request) ?? after, request, response, gone });
  }

  /** Every look has its entry before anything is shown. */
  async #noted(id: string, caller: Caller): Promise<GrantRow> {
    const grant = await this.reader.find(id);
    await this.record.noteLook(recordingNote('recording.read', grant, caller));
    return grant;
  }
}

/** What a browser says when it comes again after its connection was lost. */
function lastSeen(request: Request): number | undefined {
  const seq = Number(request.headers['last-event-id'] ?? Number.NaN);
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined;
}
