import type { GrantRow } from '../entities/grant.js';

/** What is known when a grant is asked for; the rest comes as it lives. */
export type NewGrant = Pick<
  GrantRow,
  | 'id'
  | 'principalId'
  | 'principalName'
  | 'principalKind'
  | 'taskTitle'
  | 'taskReference'
  | 'targetId'
  | 'targetName'
  | 'access'
  | 'database'
  | 'ttlSeconds'
  | 'onHold'
  | 'deadlineAtMs'
  | 'taskAccount'
  | 'nativeHash'
  | 'cachingSha2Hash'
  | 'requestedAtMs'
>;
