import type { GrantRow } from '../entities/grants/grant.js';

/** What is known when a grant is asked for; the rest comes as it lives. */
export type NewGrant = Pick<
  GrantRow,
  | 'id'
  | 'principalId'
  | 'principalName'
  | 'principalKind'
  | 'sponsor'
  | 'taskTitle'
  | 'taskReference'
  | 'targetId'
  | 'targetName'
  | 'protocol'
  | 'access'
  | 'database'
  | 'ttlSeconds'
  | 'onHold'
  | 'deadlineAtMs'
  | 'taskAccount'
  | 'verifier'
  | 'requestedAtMs'
>;
