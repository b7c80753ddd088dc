import type { ConnectionView, GrantView } from '../../contracts/grants/grant.js';
import { assert } from '../../kernel/assert.js';
import type { GrantId } from '../../kernel/brand.js';
import { BrokerError } from '../../kernel/errors.js';
import type { ErrorCode } from '../../kernel/errors/error-table.js';
import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { GrantRules } from '../../protocol/grant-rules.js';
import { sponsorViewOf } from '../http/sponsor-view.js';
import { timeOf, timeOrNull } from '../http/time.js';

/** A grant as the API shows it: nothing of its account, its gateway or its verifiers. */
export function grantViewOf(grant: GrantRow): GrantView {
  return {
    id: grant.id,
    state: grant.state,
    principal: { id: grant.principalId, name: grant.principalName, kind: grant.principalKind },
    sponsor: sponsorViewOf(grant.sponsor),
    target: grant.targetName,
    protocol: grant.protocol,
    task: { title: grant.taskTitle, reference: grant.taskReference },
    access: [...grant.access],
    ttlSeconds: grant.ttlSeconds,
    onHold: grant.onHold,
    approval: grant.approvalId === null ? null : { id: grant.approvalId },
    deadline: timeOf(grant.deadlineAtMs),
    closeReason: grant.closeReason,
    closedBy: grant.closedBy,
    refusal: grant.refuseCode === null ? null : { code: grant.refuseCode, detail: grant.refuseDetail },
    requestedAt: timeOf(grant.requestedAtMs),
    activeAt: timeOrNull(grant.activeAtMs),
    closingAt: timeOrNull(grant.closingAtMs),
    sealedAt: timeOrNull(grant.sealedAtMs),
  };
}

/** As {@link grantViewOf} for the one who may not read targets: what a target said names its address and the broker's account. */
export function grantViewForAgents(grant: GrantRow): GrantView {
  const { refusal, ...view } = grantViewOf(grant);
  return { ...view, refusal: refusal === null ? null : { ...refusal, detail: detailForAgents(refusal) } };
}

/** What an agent is told of why its grant was refused. */
function detailForAgents({ code, detail }: NonNullable<GrantView['refusal']>): string | null {
  return code.startsWith('target_') ? 'An operator sees more when looking at the grant.' : detail;
}

export interface GrantRefusal {
  readonly code: ErrorCode;
  readonly detail?: string | null | undefined;
}

/** The error that tells an agent why its grant was refused. */
export function refusalOf({ code, detail = null }: GrantRefusal, grantId: GrantId): BrokerError {
  const told = detailForAgents({ code, detail });
  return new BrokerError(code, { ...(told === null ? {} : { detail: told }), fields: { grantId } });
}

/** The connection of an active grant, with the password that is shown this one time. */
export function connectionViewOf(grant: GrantRow, rules: GrantRules, password: string): ConnectionView {
  const { endpointHost: host, endpointPort: port, endpointCa: ca, taskAccount: username, database } = grant;
  assert(host !== null && port !== null && ca !== null, 'an active grant has an endpoint');
  const forms = rules.connection({ host, port, username, database, ca }, password);
  return {
    protocol: grant.protocol,
    host,
    port,
    username,
    password,
    database,
    tls: { ca },
    dsn: forms.dsn,
    env: { ...forms.env },
    files: { ...forms.files },
    folderEnv: [...forms.folderEnv],
    programs: forms.programs.map(({ name, args }) => ({ name, args: [...args] })),
    clients: forms.clients,
  };
}
