import { sponsorText } from '../../domain/identity/person.js';
import { shownJson, shownLine } from '../../domain/visible-text.js';
import { unreachable } from '../../kernel/assert.js';
import type { ApprovalAsked, ApprovalDecided, GrantOpened, ResultEntry } from '../entries/entries.js';
import type {
  ReplayedEntry,
  ReplayedForwarded,
  ReplayedOperation,
  ReplayedResult,
  ReplayWords,
  Wording,
} from './teller.js';

/** The lines that show one entry, with the words of its protocol. */
export function entryText(replayed: ReplayedEntry, nouns: ReplayWords): string {
  return `${[headOf(replayed, nouns), ...bodyOf(replayed, nouns).map((line) => `    ${line}`)].join('\n')}\n`;
}

/** The entry as it stands in the file, in one line, and what its bytes say where they can be read. */
export function entryJson(replayed: ReplayedEntry): string {
  const decoded = replayed.kind === 'result' ? replayed.told.decoded : undefined;
  const shown = decoded === undefined ? replayed.written : { ...replayed.written, decoded };
  return `${shownJson(JSON.stringify(shown, bigintAsText))}\n`;
}

/** When an entry was written, which it is, and its title. */
export function headOf(replayed: ReplayedEntry, nouns: ReplayWords): string {
  return `${timeOf(replayed)}  #${replayed.entry.seq}  ${titleOf(replayed, nouns)}`;
}

export function timeOf({ entry }: ReplayedEntry): string {
  return `+${(entry.mono / 1_000_000).toFixed(6)}s`;
}

/** What an entry is, in one line, with the words of its protocol. */
export function titleOf(replayed: ReplayedEntry, nouns: ReplayWords): string {
  if (replayed.kind === 'note') return `session ${replayed.entry.session}  ${replayed.told.title('exact')}`;
  const { entry } = replayed;
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
      return `session ${entry.session}  ${nouns.operation} ${entry.operation}  ${shownLine(entry.name)}  ${entry.verdict}`;
    case 'refused':
      return `session ${entry.session}  ${shownLine(entry.name)} refused: ${shownLine(entry.code)}`;
    case 'approval.asked':
      return `session ${entry.session}  ${nouns.operation} ${entry.operation} waits for approval ${shownLine(entry.approval)}`;
    case 'approval.decided':
      return `session ${entry.session}  approval ${shownLine(entry.approval)}: ${entry.outcome}`;
    case 'forwarded':
      return `session ${entry.session}  ${nouns.operation} ${entry.operation} forwarded`;
    case 'result':
      return `session ${entry.session}  ${resultTitle(entry, nouns)}`;
    case 'stream':
      return `session ${entry.session}  ${shownLine(entry.channel)} ${entry.direction}: ${entry.data?.bytes ?? 0} bytes`;
    case 'grant.closing':
      return `grant closing: ${entry.reason}${entry.by === null ? '' : `, by ${shownLine(entry.by)}`}`;
    case 'grant.closed':
      return `grant closed: ${entry.reason}${entry.interrupted ? ', interrupted' : ''}; task account: ${entry.account.state}`;
    default:
      return unreachable(entry);
  }
}

/** What is answered, how it came out and how long it took. */
export function resultTitle(entry: ResultEntry, nouns: ReplayWords): string {
  const of = entry.operation === undefined ? shownLine(entry.name) : `${nouns.operation} ${entry.operation}`;
  const took = `${(entry.durationUs / 1000).toFixed(3)} ms`;
  return `answer to ${of}: ${entry.outcome}, ${took}`;
}

/** What an entry says besides its title. */
export function bodyOf(replayed: ReplayedEntry, nouns: ReplayWords): readonly string[] {
  switch (replayed.kind) {
    case 'operation':
      return operationBody(replayed);
    case 'note':
      return [];
    case 'forwarded':
      return forwardedBody(replayed, nouns);
    case 'result':
      return resultLines(replayed, 'exact');
    case 'other':
      return [...envelopeBody(replayed.entry), ...replayed.told.lines('exact')];
    default:
      return unreachable(replayed);
  }
}

/** What was answered, and how much of it the recording has not. */
export function resultLines({ entry: { response }, told }: ReplayedResult, wording: Wording): readonly string[] {
  const cut =
    response === undefined || response.kept >= response.bytes
      ? []
      : [`(the response had ${response.bytes} bytes; the recording kept the first ${response.kept})`];
  return [...told.lines(wording), ...cut];
}

function operationBody({ entry: { why }, told }: ReplayedOperation): readonly string[] {
  return [...told.lines('exact'), ...(why === undefined ? [] : [`(${shownLine(why)})`])];
}

function forwardedBody({ entry: { approval, given }, told }: ReplayedForwarded, nouns: ReplayWords): readonly string[] {
  return [
    ...(approval === undefined ? [] : [`by approval ${shownLine(approval)}`]),
    ...(given === undefined ? [] : [`with ${given.map(shownLine).join('; ')} for this ${nouns.operation}`]),
    ...told.lines('exact'),
  ];
}

function envelopeBody(entry: Extract<ReplayedEntry, { kind: 'other' }>['entry']): readonly string[] {
  if (entry.type === 'grant.opened') return grantBody(entry);
  if (entry.type === 'approval.asked') return askedBody(entry);
  return entry.type === 'approval.decided' ? decidedBody(entry) : [];
}

function grantBody({ task, principal, sponsor, target, deadline }: GrantOpened): readonly string[] {
  const reference = task.reference === undefined ? '' : ` (${shownLine(task.reference)})`;
  return [
    `task:      ${shownLine(task.title)}${reference}`,
    `principal: ${shownLine(principal.name)} (${shownLine(principal.kind)})`,
    ...(sponsor === undefined ? [] : [`sponsor:   ${shownLine(sponsorText(sponsor))}`]),
    `target:    ${shownLine(target.name)}, ${shownLine(target.flavour)} ${shownLine(target.version)}`,
    `deadline:  ${deadline}`,
  ];
}

function askedBody({ approvers, quorum, expires, again }: ApprovalAsked): readonly string[] {
  const who = approvers.length === 0 ? 'any approver' : approvers.map(shownLine).join(', ');
  return [`asked of ${who}, ${quorum} needed, until ${expires}${again ? '; it had been asked before' : ''}`];
}

function decidedBody({ decisions, withdrawals = [], scope }: ApprovalDecided): readonly string[] {
  const decided = decisions.map(({ by, decision, reason, at, decidedWith }) => {
    const means = decidedWith === undefined ? '' : ` with ${shownLine(decidedWith)}`;
    const why = reason === null ? '' : `: ${shownLine(reason)}`;
    return `${decision} by ${shownLine(by)}${means} at ${at}${why}`;
  });
  const withdrawn = withdrawals.map(({ by, reason, at, withdrawnWith }) => {
    return `approval taken back by ${shownLine(by)} with ${shownLine(withdrawnWith)} at ${at}: ${shownLine(reason)}`;
  });
  const lines = [...decided, ...withdrawn];
  return scope === undefined ? lines : [...lines, `scope: ${shownLine(scope)}`];
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
