import { formatUs } from '../kernel/clock.js';
import { FORMAT, type GrantOpened } from '../recording/entries/entries.js';
import type { GrantOrder } from './ports.js';

/** The first entry of a grant's recording. */
export function grantOpenedEntry(order: GrantOrder, gatewayId: string, policyVersion: string | null): GrantOpened {
  return {
    type: 'grant.opened',
    format: FORMAT,
    grant: order.id,
    principal: order.principal,
    ...(order.sponsor === undefined ? {} : { sponsor: order.sponsor }),
    task: order.task,
    target: {
      id: order.target.id,
      name: order.target.name,
      protocol: order.target.protocol,
      flavour: order.target.report.flavour,
      version: order.target.report.version,
    },
    taskAccount: order.target.credentials === 'static' ? null : order.taskAccount,
    deadline: formatUs(order.deadlineMs * 1000),
    policyVersion,
    gateway: gatewayId,
    body: { access: order.access },
  };
}
