import type { ConditionCheck, Stopping } from '../../health/readiness.js';
import type { Shutdown } from './shutdown.js';

/** Without room for recordings a gateway forwards nothing. */
export function roomForRecordings(disk: { readonly hasRoom: boolean }): ConditionCheck {
  return async () =>
    disk.hasRoom ? { status: 'up' } : { status: 'down', message: 'There is too little space for recordings.' };
}

/** A gateway that drains is alive and not ready: work that is new must go elsewhere. */
export function drainingOf(
  { drainUntilMs }: Pick<Shutdown, 'drainUntilMs'>,
  { grantCount: grants, sessionCount: sessions }: { readonly grantCount: number; readonly sessionCount: number },
): Stopping | undefined {
  if (drainUntilMs === undefined) return undefined;
  const until = new Date(drainUntilMs).toISOString();
  return {
    status: 'draining',
    trouble: `The gateway drains: it takes no new grants. It keeps open grants until they end, or until ${until}.`,
    facts: { grants, sessions, until },
  };
}
