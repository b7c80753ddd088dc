import { unreachable } from '../../../kernel/assert.js';
import type { ApprovalAsked, ApprovalDecided } from '../../../recording/entries/entries.js';
import { rowLines, type RecordedValue } from '../../../recording/entries/bulk-values.js';
import type {
  CommandResult,
  MysqlEntry,
  MysqlOpened,
  ResultPart,
  StatementEntry,
  StatementForwarded,
} from './bodies.js';
import { textTable } from '../../../recording/replay/text-table.js';
import { shownBytes } from '../charset/character-sets.js';
import { shownJson, shownLine, shownLines } from '../../../domain/visible-text.js';

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
  readonly entry: MysqlEntry;
  /** The line as it stands in the file. */
  readonly written: object;
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

function headOf(entry: MysqlEntry): string {
  return `${timeOf(entry)}  #${entry.seq}  ${titleOf(entry)}`;
}

function timeOf({ mono }: Pick<MysqlEntry, 'mono'>): string {
  return `+${(mono / 1_000_000).toFixed(6)}s`;
}

/** What an entry is, in one line, with the words of the protocol. */
export function titleOf(entry: MysqlEntry): string {
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
    case 'operation':
      return `session ${entry.session}  statement ${entry.operation}  ${entry.name}  ${entry.verdict}`;
    case 'note':
      return `session ${entry.session}  ${shownLine(entry.name)} ${shownLine(entry.body?.argument ?? '')}`.trimEnd();
    case 'refused':
      return `session ${entry.session}  ${shownLine(entry.name)} refused: ${shownLine(entry.code)}`;
    case 'approval.asked':
      return `session ${entry.session}  statement ${entry.operation} waits for approval ${shownLine(entry.approval)}`;
    case 'approval.decided':
      return `session ${entry.session}  approval ${shownLine(entry.approval)}: ${entry.outcome}`;
    case 'forwarded':
      return `session ${entry.session}  statement ${entry.operation} forwarded`;
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

function resultTitle(entry: CommandResult): string {
  const of = entry.operation === undefined ? shownLine(entry.name) : `statement ${entry.operation}`;
  const took = `${(entry.durationUs / 1000).toFixed(3)} ms`;
  return `answer to ${of}: ${entry.outcome}, ${took}`;
}

/** What an entry says besides that. */
export function bodyOf({ entry, response }: ReplayedEntry): string[] {
  if (entry.type === 'grant.opened') return grantBody(entry);
  if (entry.type === 'operation') return statementBody(entry);
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

function forwardedBody({ approval, given, body }: StatementForwarded): string[] {
  return [
    ...(approval === undefined ? [] : [`by approval ${shownLine(approval)}`]),
    ...(given === undefined ? [] : [`with ${given.map(shownLine).join('; ')} for this statement`]),
    ...(body === undefined ? [] : [`for at most ${body.rowsMax} rows`]),
  ];
}

function grantBody({ task, principal, target, deadline }: MysqlOpened): string[] {
  const reference = task.reference === undefined ? '' : ` (${shownLine(task.reference)})`;
  return [
    `task:      ${shownLine(task.title)}${reference}`,
    `principal: ${shownLine(principal.name)} (${shownLine(principal.kind)})`,
    `target:    ${shownLine(target.name)}, ${shownLine(target.flavour)} ${shownLine(target.version)}`,
    `deadline:  ${deadline}`,
  ];
}

function statementBody(entry: StatementEntry): string[] {
  const { values: bound = [], bulk } = entry.body;
  const values = bound.map((value, index) => `? ${index + 1} = ${valueOf(value)}`);
  const why = entry.why === undefined ? [] : [`(${shownLine(entry.why)})`];
  return [...shownLines(textOf(entry)).split('\n'), ...values, ...rowLines(bulk, valueOf), ...why];
}

/** The text of a statement; bytes that are no text are written out. */
export function textOf({ body }: StatementEntry): string {
  if ('text' in body) return body.text;
  return shownBytes(Buffer.from(body.textBase64, 'base64'), body.characterSet ?? 'utf8mb4');
}

/** A bound value with its type. */
export function valueOf(value: RecordedValue): string {
  const shown = value.value === null ? 'NULL' : shownLine(String(value.value));
  const encoding = value.encoding === undefined ? '' : ', base64';
  return `${shown} (${shownLine(value.type)}${value.unsigned === true ? ' unsigned' : ''}${encoding})`;
}

/** What was answered: rows as a table, counts, the error, and what the recording has not. */
export function resultBody(entry: CommandResult, response: ReplayedEntry['response']): string[] {
  const lines: string[] = [];
  const decoded = response === undefined || response === 'undecodable' ? undefined : response;
  if (decoded === undefined) lines.push(...entry.body.results.map(partOf));
  else lines.push(...decoded.results.flatMap(decodedLines));
  const { error } = entry.body;
  if (error !== undefined) {
    lines.push(`ERROR ${error.errno} (${shownLine(error.sqlState)}): ${shownLine(error.message)}`);
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
function sqlOf(entry: MysqlEntry): string {
  if (entry.type === 'result') {
    const { error } = entry.body;
    const failed = error === undefined ? '' : ` ERROR ${error.errno}: ${shownLine(error.message)}`;
    return `-- ${timeOf(entry)} #${entry.seq} ${resultTitle(entry)}${failed}\n`;
  }
  if (entry.type !== 'operation') return '';
  const { body } = entry;
  const head = `-- ${headOf(entry)}\n`;
  const values = (body.values ?? []).map((value, index) => `-- ? ${index + 1} = ${valueOf(value)}\n`).join('');
  const rows = rowLines(body.bulk, valueOf)
    .map((line) => `-- ${line}\n`)
    .join('');
  const shown = shownLines(textOf(entry));
  const altered = 'textBase64' in body || shown !== body.text;
  const runs = entry.name === 'COM_QUERY' && entry.verdict === 'allow' && !altered;
  // The semicolon has a line of its own, because the last line may be a comment.
  if (runs) return `${head}${shown}\n;\n`;
  const note = altered ? '-- holds characters that cannot be shown as they are\n' : '';
  return `${head}${note}${values}${rows}${shown
    .split('\n')
    .map((line) => `-- ${line}\n`)
    .join('')}`;
}

function jsonOf({ written, response }: ReplayedEntry): unknown {
  return response === undefined || response === 'undecodable' ? written : { ...written, decoded: response };
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
