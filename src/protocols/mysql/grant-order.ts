import type { GrantOrder } from '../../gateway/ports.js';
import type { Access } from '../sql/access.js';
import { accessRules } from '../sql/access-schema.js';
import { type MysqlReport, mysqlReport } from './report.js';

/** An order with what only this protocol can read. */
export interface MysqlOrder extends GrantOrder {
  readonly access: readonly Access[];
  readonly target: GrantOrder['target'] & { readonly report: MysqlReport };
}

/** Reads an order where it comes into this folder. @throws ZodError for an order of another protocol */
export function mysqlOrderOf(order: GrantOrder): MysqlOrder {
  const { access, target } = order;
  return {
    ...order,
    access: accessRules.parse(access),
    target: { ...target, report: mysqlReport.parse(target.report) },
  };
}
