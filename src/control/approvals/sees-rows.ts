import type { Caller } from '../http/access.js';

/** A preview holds rows of the target: for those who decide by them or may read recordings. */
export function seesRows(viewer: Caller | null): boolean {
  return viewer === null || viewer.permissions.has('approval.decide') || viewer.permissions.has('recording.read');
}
