import type { ApiClient } from '../../../client/api-client.js';
import { recordingPage, type RecordingView, recordingView } from '../../../contracts/recordings/recording.js';
import { apiOf } from '../api-option.js';
import type { AnswerOptions } from '../terminal/api-command.js';
import { runCommand } from '../terminal/conventions.js';
import { fieldLines } from '../terminal/field-lines.js';
import { emptyText, type ListOptions, queryOf, readPages, tellOfMore } from '../terminal/list-pages.js';
import { secondsOf } from '../terminal/past-time.js';
import { printAnswer } from '../terminal/print-answer.js';
import { screenTable } from '../terminal/screen-table.js';
import { wholeId } from '../terminal/short-id.js';
import { shownIds } from '../terminal/shown-ids.js';

export interface RecordingListOptions extends ListOptions {
  readonly principal?: string;
  readonly target?: string;
  readonly protocol?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface DownloadOptions extends AnswerOptions {
  readonly output?: string;
  readonly force?: boolean;
}

export async function list(options: RecordingListOptions): Promise<void> {
  await run(options, async (api) => {
    const { principal, target, protocol, from, to } = options;
    const query = queryOf({ principal, target, protocol, from, to });
    const { items, next } = await readPages(api, { path: '/v1/recordings', query, page: recordingPage }, options);
    const hint = 'Every grant that becomes active has one.';
    printAnswer(options, { items, next }, () =>
      items.length === 0 ? emptyText('recording', query, hint) : recordingTable(items),
    );
    if (options.json !== true) tellOfMore({ items, next });
  });
}

function recordingTable(recordings: readonly RecordingView[]): string {
  const idOf = shownIds(recordings.map(({ grantId }) => grantId));
  const rows = recordings.map(({ grantId, state, principal, target, openedAt, counts, statements, task }) => [
    idOf(grantId),
    state,
    principal.name,
    target,
    secondsOf(openedAt),
    numberText(counts?.statements ?? statements),
    numberText(counts?.held),
    numberText(counts?.denied),
    task.title,
  ]);
  return screenTable(
    ['grant', 'state', 'principal', 'target', 'opened at', 'statements', 'held', 'denied', 'task'],
    rows,
  );
}

export async function show(id: string, options: AnswerOptions): Promise<void> {
  await run(options, async (api) => {
    const recording = await api.get(await recordingPath(api, id), recordingView);
    printAnswer(options, recording, () => recordingText(recording));
  });
}

function recordingText(recording: RecordingView): string {
  const { principal, task, counts, verification, reviews, state } = recording;
  return fieldLines([
    ['grant', recording.grantId],
    ['state', state === 'recording' ? 'it goes on; it is sealed when the grant has ended' : state],
    ['principal', `${principal.name} (${principal.kind})`],
    ['target', `${recording.target} (${recording.protocol})`],
    ['task', task.title],
    ['reference', task.reference],
    ['opened at', secondsOf(recording.openedAt)],
    ['closed at', secondsOf(recording.closedAt)],
    ['sealed at', secondsOf(recording.sealedAt)],
    ['ended', recording.closeReason],
    ['interrupted', recording.interrupted === true ? 'yes: its gateway died, and another process ended it' : null],
    ['entries', numberText(recording.entries)],
    ['statements', numberText(counts?.statements ?? recording.statements)],
    ['held, denied', counts === null ? null : `${counts.held}, ${counts.denied}`],
    ['errors', numberText(counts?.errors)],
    ['rows read', numberText(counts?.rows)],
    ['rows changed', numberText(counts?.changed)],
    ['bytes', numberText(recording.bytes)],
    ['SHA-256', recording.sha256],
    ['sealed with', recording.keyId],
    ['verified', verification === null ? null : verificationText(verification)],
    ['read by', reviews.map(({ principal: who, at }) => `${who} at ${secondsOf(at)}`).join(', ')],
  ]);
}

function verificationText({ ok, at, by }: NonNullable<RecordingView['verification']>): string {
  return `${ok ? 'it held' : 'IT DID NOT HOLD'} at ${secondsOf(at)}, asked by ${by}`;
}

function numberText(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** The path of the recording of the grant that begins as typed. @throws UsageFailure, ApiFailure */
export async function recordingPath(api: ApiClient, typed: string): Promise<string> {
  return `/v1/recordings/${encodeURIComponent(await wholeId(api, '/v1/grants', typed))}`;
}

/** Runs with the API, and says in one line what went wrong. */
export async function run(options: AnswerOptions, work: (api: ApiClient) => Promise<void>): Promise<void> {
  await runCommand('recordings', () => work(apiOf(options, process.env)));
}
