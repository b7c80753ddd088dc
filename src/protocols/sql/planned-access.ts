import { z } from 'zod';
import type { PlannedAccess } from '../../protocol/grant-rules.js';
import { ACCESS_RULES_MAX } from '../../domain/grant.js';
import { requestValue, type RequestPath } from '../../protocol/request-value.js';
import type { TargetTerms } from '../../protocol/target-rules.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import { type Access, resolveAccess } from './access.js';
import { accessRequest } from './access-schema.js';
import { connectionDatabase } from './connection.js';
import { sqlLimits } from './target-rules.js';

const asked = z.array(accessRequest);

/**
 * The access that a grant gets on a relational database, and the database in which its sessions begin.
 * @throws BrokerError `request_invalid`, `grant_access_missing`, `grant_privileges_over_limit`
 */
export function plannedAccess(
  rules: readonly ProtocolValue[] | undefined,
  { limits, defaultDatabase }: TargetTerms,
  at: RequestPath,
): PlannedAccess {
  const requested = rules === undefined ? undefined : requestValue(asked, rules, at);
  const access = resolveAccess(requested, sqlLimits.parse(limits), defaultDatabase);
  return { access, database: connectionDatabase(access, defaultDatabase) };
}

/** All privileges of the limits on all databases that they name, or on the default one; the default one comes first. */
export function widestAccess({ limits, defaultDatabase }: TargetTerms): readonly Access[] {
  const { privileges, databases = [] } = sqlLimits.parse(limits);
  const named = new Set([...(defaultDatabase === null ? [] : [defaultDatabase]), ...databases]);
  return [...named].slice(0, ACCESS_RULES_MAX).map((database) => ({ database, privileges }));
}
