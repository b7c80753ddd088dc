import type { GrantDetailView } from '../../../contracts/grants/grant.js';
import type { ProtocolWords } from '../policy/protocol-words.js';
import { type Field, fieldLines } from '../terminal/field-lines.js';
import { secondsOf } from '../terminal/past-time.js';

/** Everything that is known of a grant; a field that does not apply is left out. */
export function grantText(grant: GrantDetailView, words: ProtocolWords): string {
  const { principal, sponsor, task, access, outlook, refusal } = grant;
  return fieldLines([
    ['id', grant.id],
    ['state', grant.state],
    ['principal', `${principal.name} (${principal.kind})`],
    ['sponsor', sponsor === null ? null : `${sponsor.name}${sponsor.isClaim ? ', as its token says' : ''}`],
    ['target', `${grant.target} (${grant.protocol})`],
    ['task', task.title],
    ['reference', task.reference],
    ...access.map((rule, index): Field => [index === 0 ? 'access' : ' ', words.access(rule)]),
    ['a held statement', grant.onHold === 'wait' ? 'its client waits' : 'its client is told at once'],
    ['runs and waits', outlook?.words ?? null],
    ['asked for at', secondsOf(grant.requestedAt)],
    ['active at', secondsOf(grant.activeAt)],
    ['deadline', secondsOf(grant.deadline)],
    ['closing at', secondsOf(grant.closingAt)],
    ['sealed at', secondsOf(grant.sealedAt)],
    ['ended', endText(grant)],
    ['refused', refusal === null ? null : [refusal.code, refusal.detail].filter((part) => part !== null).join(': ')],
    ...waitingFields(grant),
  ]);
}

function endText({ closeReason, closedBy }: GrantDetailView): string | null {
  return closeReason === null ? null : `${closeReason}${closedBy === null ? '' : `, by ${closedBy}`}`;
}

function waitingFields({ waiting }: GrantDetailView): readonly Field[] {
  return waiting.map(({ id, kind, statementKind, expiresAt }) => [
    'waits for people',
    `${statementKind ?? kind}, until ${secondsOf(expiresAt)}: doorwarden approvals show ${id}`,
  ]);
}
