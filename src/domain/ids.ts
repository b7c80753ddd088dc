import { encodeTime, ulid } from 'ulid';
import { assert } from '../kernel/assert.js';
import type { ApprovalId, GatewayId, GrantId, PrincipalId, TargetId } from '../kernel/brand.js';

/** Ids are ULIDs in lower case: unique anywhere, and sorted by the time they were made. */
const ID = /^[0-9a-hjkmnp-tv-z]{26}$/;

export function isGrantId(text: string): text is GrantId {
  return ID.test(text);
}

/** The id in a text that was checked before. */
export function grantIdOf(text: string): GrantId {
  assert(isGrantId(text), 'a grant id is a ULID in lower case');
  return text;
}

export function newGrantId(): GrantId {
  return grantIdOf(newId());
}

export function newGatewayId(): GatewayId {
  return gatewayIdOf(newId());
}

/** The id in a text that was checked before. */
export function gatewayIdOf(text: string): GatewayId {
  assert(isGatewayId(text), 'a gateway id is a ULID in lower case');
  return text;
}

export function newPrincipalId(): PrincipalId {
  const id = newId();
  assert(isPrincipalId(id), 'a principal id is a ULID in lower case');
  return id;
}

export function newTargetId(): TargetId {
  const id = newId();
  assert(isTargetId(id), 'a target id is a ULID in lower case');
  return id;
}

export function newApprovalId(): ApprovalId {
  return approvalIdOf(newId());
}

export function isApprovalId(text: string): text is ApprovalId {
  return ID.test(text);
}

/** The id in a text that was checked before. */
export function approvalIdOf(text: string): ApprovalId {
  assert(isApprovalId(text), 'an approval id is a ULID in lower case');
  return text;
}

export function newId(): string {
  return ulid().toLowerCase();
}

/** The lowest id that can be made at a time: lists that are sorted by id are cut by time with it. */
export function lowestIdAt(ms: number): string {
  return encodeTime(Math.max(0, ms)).toLowerCase().padEnd(26, '0');
}

function isGatewayId(text: string): text is GatewayId {
  return ID.test(text);
}

function isPrincipalId(text: string): text is PrincipalId {
  return ID.test(text);
}

function isTargetId(text: string): text is TargetId {
  return ID.test(text);
}
