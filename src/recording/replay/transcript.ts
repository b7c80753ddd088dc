import { unreachable } from '../../kernel/assert.js';
import type {
  ApprovalAsked,
  ApprovalDecided,
  Entry,
  Forwarded,
  GrantOpened,
  RecordedValue,
  ResultEntry,
  ResultPart,
  StatementEntry,
} from '../entries/entries.js';
import { rowLines } from '../entries/bulk-values.js';
import { textTable } from './text-table.js';
import { shownBytes } from '../../protocols/mysql/charset/character-sets.js';
import { shownJson, shownLine, shownLines } from '../../domain/visible-text.js';

/** What replay needs of a decoded response; the wire decoder's own result fits. */
export interface DecodedResponse {
  readonly results: readonly DecodedResult[];
  /** False when the bytes end before the response does. */
  readonly complete: boolean;
}

export type DecodedResult =
  | { readonly kind: 'ok'; readonly affectedRows: number | bigint; readonly info: string }
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string }[];
      readonly rows: readonly (readonly (string | null)[])[];
      /** All rows of the result, decoded or not. */
      readonly rowCount: number;
    };

/** An entry and what its response decodes to: undefined when nothing was kept, `undecodable` when it is no response. */
export interface ReplayedEntry {
  readonly entry: Entry;
  readonly response: DecodedResponse | 'undecodable' | undefined;
}

export type TranscriptFormat = 'entries' | 'sql' | 'json';

/** The lines that show one entry; `sql` shows only statements and what became of them. */
export function transcriptOf(replayed: ReplayedEntry, format: TranscriptFormat): string {
  switch (format) {
    case 'entries':
      return `${[headOf(replayed.entry), ...bodyOf(replayed).map((line) => `    ${line}`)].join('\n')}\n`;
    case 'sql':
      return sqlOf(replayed.entry);
    case 'json':
      return `${shownJson(JSON.stringify(jsonOf(replayed), bigintAsText))}\n`;
    default:
      return unreachable(format);
  }
}

function headOf(entry: Entry): string {
  return `${timeOf(entry)}  #${entry.seq}  ${titleOf(entry)}`;
}

function timeOf({ mono }: Pick<Entry, 'mono'>): string {
  return `+${(mono / 1_000_000).toFixed(6)}s`;
}

/** What an entry is, in one line, with the words of the protocol. */
export function titleOf(entry: Entry): string {
  switch (entry.type) {
    case 'grant.opened':
      return `grant ${entry.grant} opened at ${entry.at}`;
    case 'session.opened':
      return `session ${entry.session} opened from ${shownLine(entry.client.address)}:${entry.client.port}${
        entry.tls === null ? ', no TLS' : `, ${shownLine(entry.tls.version)}`
      }`;
    case 'session.refused':
      return `session refused from ${shownLine(entry.client.address)}:${entry.client.port}: ${shownLine(entry.code)}`;
    case 'session.closed':
      return `session ${entry.session} closed: ${entry.reason}${entry.code === undefined ? '' : ` (${shownLine(entry.code)})`}`;
    case 'statement':
      return `session ${entry.session}  statement ${entry.statement}  ${entry.command}  ${entry.verdict}`;
    case 'command':
      return `session ${entry.session}  ${shownLine(entry.command)} ${shownLine(entry.argument ?? '')}`.trimEnd();
    case 'command.refused':
      return `session ${entry.session}  ${shownLine(entry.command)} refused: ${shownLine(entry.code)}`;
    case 'approval.asked':
      return `session ${entry.session}  statement ${entry.statement} waits for approval ${shownLine(entry.approval)}`;
    case 'approval.decided':
      return `session ${entry.session}  approval ${shownLine(entry.approval)}: ${entry.outcome}`;
    case 'forwarded':
      return `session ${entry.session}  statement ${entry.statement} forwarded`;
    case 'result':
      return `session ${entry.session}  ${resultTitle(entry)}`;
    case 'grant.closing':
      return `grant closing: ${entry.reason}${entry.by === null ? '' : `, by ${shownLine(entry.by)}`}`;
    case 'grant.closed':
      return `grant closed: ${entry.reason}${entry.interrupted ? ', interrupted' : ''}; task account: ${entry.account.state}`;
    default:
      return unreachable(entry);
  }
}

function resultTitle(entry: ResultEntry): string {
  const of = entry.statement === undefined ? shownLine(entry.command) : `statement ${entry.statement}`;
  const took = `${(entry.durationUs / 1000).toFixed(3)} ms`;
  return `answer to ${of}: ${entry.outcome}, ${took}`;
}

/** What an entry says besides that. */
export function bodyOf({ entry, response }: ReplayedEntry): string[] {
  if (entry.type === 'grant.opened') return grantBody(entry);
  if (entry.type === 'statement') return statementBody(entry);
  if (entry.type === 'approval.asked') return askedBody(entry);
  if (entry.type === 'approval.decided') return decidedBody(entry);
  if (entry.type === 'forwarded') return forwardedBody(entry);
  return entry.type === 'result' ? resultBody(entry, response) : [];
}

function askedBody({ approvers, quorum, expires, again }: ApprovalAsked): string[] {
  const who = approvers.length === 0 ? 'any approver' : approvers.map(shownLine).join(', ');
  return [`asked of ${who}, ${quorum} needed, until ${expires}${again ? '; it had been asked before' : ''}`];
}

function decidedBody({ decisions, scope }: ApprovalDecided): string[] {
  const lines = decisions.map(({ by, decision, reason, at, decidedWith }) => {
    const means = decidedWith === undefined ? '' : ` with ${shownLine(decidedWith)}`;
    const why = reason === null ? '' : `: ${shownLine(reason)}`;
    return `${decision} by ${shownLine(by)}${means} at ${at}${why}`;
  });
  return scope === undefined ? lines : [...lines, `scope: ${shownLine(scope)}`];
}

function forwardedBody({ approval, privileges, rowsMax }: Forwarded): string[] {
  return [
    ...(approval === undefined ? [] : [`by approval ${shownLine(approval)}`]),
    ...(privileges === undefined ? [] : [`with ${privileges.map(shownLine).join('; ')} for this statement`]),
    ...(rowsMax === undefined ? [] : [`for at most ${rowsMax} rows`]),
  ];
}

function grantBody({ task, principal, target, deadline }: GrantOpened): string[] {
  const reference = task.reference === undefined ? '' : ` (${shownLine(task.reference)})`;
  return [
    `task:      ${shownLine(task.title)}${reference}`,
    `principal: ${shownLine(principal.name)} (${shownLine(principal.kind)})`,
    `target:    ${shownLine(target.name)}, ${shownLine(target.flavour)} ${shownLine(target.version)}`,
    `deadline:  ${deadline}`,
  ];
}

function statementBody(entry: StatementEntry): string[] {
  const values = (entry.values ?? []).map((value, index) => `? ${index + 1} = ${valueOf(value)}`);
  const why = entry.why === undefined ? [] : [`(${shownLine(entry.why)})`];
  return [...shownLines(textOf(entry)).split('\n'), ...values, ...rowLines(entry.bulk, valueOf), ...why];
}

/** The text of a statement; bytes that are no text are written out. */
export function textOf(entry: StatementEntry): string {
  if ('text' in entry) return entry.text;
  return shownBytes(Buffer.from(entry.textBase64, 'base64'), entry.characterSet ?? 'utf8mb4');
}

/** A bound value with its type. */
export function valueOf(value: RecordedValue): string {
  const shown = value.value === null ? 'NULL' : shownLine(String(value.value));
  const encoding = value.encoding === undefined ? '' : ', base64';
  return `${shown} (${shownLine(value.type)}${value.unsigned === true ? ' unsigned' : ''}${encoding})`;
}

/** What was answered: rows as a table, counts, the error, and what the recording has not. */
export function resultBody(entry: ResultEntry, response: ReplayedEntry['response']): string[] {
  const lines: string[] = [];
  const decoded = response === undefined || response === 'undecodable' ? undefined : response;
  if (decoded === undefined) lines.push(...entry.results.map(partOf));
  else lines.push(...decoded.results.flatMap(decodedLines));
  if (entry.error !== undefined) {
    lines.push(`ERROR ${entry.error.errno} (${shownLine(entry.error.sqlState)}): ${shownLine(entry.error.message)}`);
  }
  if (response === 'undecodable') lines.push('(the bytes that were kept are no response that can be shown)');
  const kept = entry.response;
  if (kept !== undefined && kept.kept < kept.bytes) {
    lines.push(`(the response had ${kept.bytes} bytes; the recording kept the first ${kept.kept})`);
  }
  return lines;
}

function partOf(part: ResultPart): string {
  return part.kind === 'ok'
    ? `${counted(part.affectedRows, 'row')} affected`
    : `${counted(part.rows, 'row')}, ${counted(part.columns, 'column')}`;
}

function counted(count: number | bigint | string, name: string): string {
  return `${count} ${name}${String(count) === '1' ? '' : 's'}`;
}

function decodedLines(result: DecodedResult): string[] {
  if (result.kind === 'ok') {
    const said = result.info === '' ? '' : ` (${shownLine(result.info)})`;
    return [`${counted(result.affectedRows, 'row')} affected${said}`];
  }
  const table =
    result.columns.length === 0
      ? []
      : textTable(
          result.columns.map(({ name }) => name),
          result.rows,
        );
  const more = result.rowCount > result.rows.length ? `, ${result.rows.length} shown` : '';
  return [...table, `${counted(result.rowCount, 'row')}${more}`];
}

/** Statements that can be run again one by one; everything else is a comment that cannot be left. */
function sqlOf(entry: Entry): string {
  if (entry.type === 'result') {
    const error = entry.error === undefined ? '' : ` ERROR ${entry.error.errno}: ${shownLine(entry.error.message)}`;
    return `-- ${timeOf(entry)} #${entry.seq} ${resultTitle(entry)}${error}\n`;
  }
  if (entry.type !== 'statement') return '';
  const head = `-- ${headOf(entry)}\n`;
  const values = (entry.values ?? []).map((value, index) => `-- ? ${index + 1} = ${valueOf(value)}\n`).join('');
  const rows = rowLines(entry.bulk, valueOf)
    .map((line) => `-- ${line}\n`)
    .join('');
  const shown = shownLines(textOf(entry));
  const altered = 'textBase64' in entry || shown !== entry.text;
  const runs = entry.command === 'COM_QUERY' && entry.verdict === 'allow' && !altered;
  // The semicolon has a line of its own, because the last line may be a comment.
  if (runs) return `${head}${shown}\n;\n`;
  const note = altered ? '-- holds characters that cannot be shown as they are\n' : '';
  return `${head}${note}${values}${rows}${shown
    .split('\n')
    .map((line) => `-- ${line}\n`)
    .join('')}`;
}

function jsonOf({ entry, response }: ReplayedEntry): unknown {
  return response === undefined || response === 'undecodable' ? entry : { ...entry, decoded: response };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
