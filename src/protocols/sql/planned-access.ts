import { z } from 'zod';
import type { PlannedAccess } from '../../protocol/grant-rules.js';
import { requestValue, type RequestPath } from '../../protocol/request-value.js';
import type { TargetTerms } from '../../protocol/target-rules.js';
import type { ProtocolValue } from '../../domain/protocol-value.js';
import { resolveAccess } from './access.js';
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
