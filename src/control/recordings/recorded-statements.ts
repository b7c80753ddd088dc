import { Inject, Injectable } from '@nestjs/common';
import {
  RESULT_PAGE_ROWS,
  type RecordedResultView,
  type RecordedStatementView,
  type ResultQuery,
} from '../../contracts/recordings/recorded-statement.js';
import { BrokerError } from '../../kernel/errors.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import { recordedBy, type TargetProtocol } from '../../protocol/target-protocol.js';
import type { ResultEntry } from '../../recording/entries/entries.js';
import type { EntryReader } from '../../recording/entries/entry-reader.js';
import { laterResults } from '../../recording/look/later-results.js';
import type { OpenRecording } from '../../recording/look/open-recording.js';
import { readerOf } from '../../recording/look/raw-lines.js';
import { sessionOpening } from '../../recording/look/session-opening.js';
import { lookAtStatement, type StatementLook } from '../../recording/look/statement.js';
import { EntryTeller } from '../../recording/look/told-entries.js';
import { NO_PROTOCOLS, type RecordedProtocol, type RecordedProtocols } from '../../recording/recorded-protocol.js';
import type { Teller } from '../../recording/replay/teller.js';
import { PROTOCOLS } from '../modules/tokens.js';
import { cellViewOf, keptOf, resultHeadOf, statementViewOf, type ToldParts } from './recorded-statement-view.js';
import { MarksOfRecordings } from './recording-marks.js';
import { RecordingReader } from './recording-reader.js';

/** A statement that was found, and what is needed to say more of it. */
interface Found {
  readonly recording: OpenRecording;
  readonly reader: EntryReader;
  readonly look: StatementLook;
  readonly opened: Parameters<Teller['follow']>[0];
  readonly protocol: RecordedProtocol | undefined;
}

type Unreadable = NonNullable<RecordedResultView['unreadable']>;

/** Single statements of recordings, live or sealed, with all that is recorded of them, and the rows of their answers. */
@Injectable()
export class RecordedStatements {
  readonly #protocols: RecordedProtocols;

  constructor(
    private readonly reader: RecordingReader,
    private readonly marks: MarksOfRecordings,
    @Inject(PROTOCOLS) protocols: readonly TargetProtocol[],
  ) {
    this.#protocols = recordedBy(protocols);
  }

  /** @throws BrokerError `recording_statement_not_found`, and why the recording cannot be read */
  statement(grant: GrantRow, number: number): Promise<RecordedStatementView> {
    return this.reader.read(grant, async (recording, isSealed) => {
      const found = await this.#find(recording, { number, isSealed });
      const teller = await this.#tellerOf(grant, found);
      const fetches: RecordedStatementView['fetches'] = [];
      for await (const result of this.#later(found, teller)) {
        fetches.push({ seq: result.seq, rows: teller?.result(result, undefined).rows ?? null });
      }
      const { look, reader } = found;
      const words = wordsOf(found);
      return statementViewOf({ grantId: grant.id, format: reader.format ?? 0, look, words, fetches });
    });
  }

  /** @throws BrokerError as {@link statement} */
  result(grant: GrantRow, number: number, query: ResultQuery): Promise<RecordedResultView> {
    return this.reader.read(grant, async (recording, isSealed) => {
      const found = await this.#find(recording, { number, isSealed });
      const { result } = found.look;
      if (result === undefined) throw new BrokerError('recording_statement_not_found', { detail: NO_RESULT });
      const teller = await this.#tellerOf(grant, found);
      if (query.entry === undefined || query.entry === result.seq) return this.#page(found, { teller, result, query });
      for await (const later of this.#later(found, teller)) {
        if (later.seq === query.entry) return this.#page(found, { teller, result: later, query });
      }
      throw new BrokerError('recording_statement_not_found', { detail: NO_FETCH });
    });
  }

  async #find(
    recording: OpenRecording,
    { number, isSealed }: { readonly number: number; readonly isSealed: boolean },
  ): Promise<Found> {
    const open = await readerOf(recording.lines, NO_PROTOCOLS);
    if (open === undefined) throw new BrokerError('recording_statement_not_found');
    const opened = open.first.entry;
    const protocol = opened.type === 'grant.opened' ? this.#protocols.get(opened.target.protocol) : undefined;
    const hasOneInFlight = protocol?.inFlight === 'one';
    const look = await lookAtStatement(recording.lines, open.reader, { number, isLive: !isSealed, hasOneInFlight });
    if (look === undefined) throw new BrokerError('recording_statement_not_found');
    return { recording, reader: open.reader, look, opened, protocol };
  }

  /** One that has followed the statement and knows its session. */
  async #tellerOf(grant: GrantRow, { recording, reader, look, opened, protocol }: Found): Promise<Teller | undefined> {
    const teller = protocol?.replay?.teller({ rowsMax: 0 });
    if (teller === undefined) return undefined;
    const { entry } = look.operation;
    const at = await this.#sessionAt(grant, entry.session);
    const opening = await sessionOpening(recording.lines, reader, { session: entry.session, before: entry.seq, at });
    teller.follow(opened);
    if (opening !== undefined) teller.follow(opening);
    teller.follow(entry);
    return teller;
  }

  /** The index may not be there where another part of the recording is damaged: the session is looked for then. */
  async #sessionAt(grant: GrantRow, session: number): Promise<number | undefined> {
    try {
      return await this.marks.sessionAt(grant, session);
    } catch (error) {
      if (error instanceof BrokerError) return undefined;
      throw error;
    }
  }

  /** The answer itself is decoded first: it has the columns of rows that are fetched later. */
  async *#later({ recording, reader, look }: Found, teller: Teller | undefined): AsyncGenerator<FetchedResult> {
    const { operation, result } = look;
    if (teller === undefined || result === undefined || !teller.isNeededLater(result)) return;
    const bytes = result.response === undefined ? undefined : await recording.bytes(result.response);
    teller.result(result, Buffer.isBuffer(bytes) ? bytes : undefined);
    yield* laterResults(recording.lines, reader, { teller, operation: operation.entry, after: result.seq });
  }

  async #page(
    { recording, look }: Found,
    { teller, result, query }: { teller: Teller | undefined; result: FetchedResult; query: ResultQuery },
  ): Promise<RecordedResultView> {
    const window = { result: query.result - 1, from: (query.page - 1) * RESULT_PAGE_ROWS, rows: RESULT_PAGE_ROWS };
    const about = {
      operation: look.operation.entry.operation,
      seq: result.seq,
      outcome: result.outcome,
      result: query.result,
      page: query.page,
      response: keptOf(result.response),
      error: teller?.result(result, undefined).error ?? null,
    };
    const bytes = await bytesOf(recording, result);
    const answer = Buffer.isBuffer(bytes) ? answerOf(teller, result, { bytes, window }) : bytes;
    if (typeof answer === 'string') {
      return { ...about, results: [], pages: 0, rows: [], whole: false, unreadable: answer };
    }
    const shown = answer.results[window.result];
    const isWhole = result.response?.kept === result.response?.bytes;
    return {
      ...about,
      results: answer.results.map(resultHeadOf),
      pages: shown?.kind === 'rows' ? Math.ceil(shown.rows / RESULT_PAGE_ROWS) : 0,
      rows: answer.rows.map((row) => row.map(cellViewOf)),
      whole: isWhole && answer.complete,
      unreadable: null,
    };
  }
}

type FetchedResult = NonNullable<StatementLook['result']>;

const NO_RESULT = 'The statement has no result in the recording.';
const NO_FETCH = 'The entry is no result with rows of that statement.';

async function bytesOf(recording: OpenRecording, { response }: ResultEntry): Promise<Buffer | Unreadable> {
  if (response === undefined || response.kept === 0) return 'nothing-kept';
  return recording.bytes(response);
}

function answerOf(
  teller: Teller | undefined,
  result: FetchedResult,
  { bytes, window }: { readonly bytes: Buffer; readonly window: Parameters<NonNullable<Teller['answer']>>[2] },
) {
  if (teller?.answer === undefined) return 'no-protocol';
  return teller.answer(result, bytes, window) ?? 'not-decodable';
}

function wordsOf({ protocol, opened, look }: Found): ToldParts {
  const { operation, forwarded, result } = look;
  const replay = protocol?.replay;
  if (replay === undefined) return { asked: null, told: null, forwardedLines: [], toldResult: null, error: null };
  const entries = new EntryTeller(replay, opened);
  const teller = replay.teller({ rowsMax: 0 });
  teller.follow(opened);
  return {
    asked: teller.operation(operation.entry).asked(),
    told: entries.tell(operation),
    forwardedLines: forwarded === undefined ? [] : teller.body(forwarded).lines('plain'),
    toldResult: result === undefined ? null : entries.tell({ entry: result, written: {} }),
    error: result === undefined ? null : (teller.result(result, undefined).error ?? null),
  };
}
