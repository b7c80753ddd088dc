import type { GrantRow } from '../../persistence/entities/grants/grant.js';
import type { AdministrativeAct } from '../../record/acts.js';
import type { Caller } from '../http/access.js';
import type { AdminNote } from '../record/admin-record.js';

/** What somebody did with a recording, or that they looked into it, for the administrative record. */
export function recordingNote(
  act: AdministrativeAct,
  { id, principalName, targetName, state }: GrantRow,
  by: Caller,
): AdminNote {
  const after = { principal: principalName, target: targetName, state };
  return { act, by, subject: { kind: 'recording', name: id }, after };
}
