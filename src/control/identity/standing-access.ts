import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Permission } from '../../domain/principal.js';
import { BrokerError } from '../../kernel/errors.js';
import { ChangeWatch } from '../../messaging/change-watch.js';
import type { Caller } from '../http/access.js';
import { Authenticator } from './authenticator.js';

/** How often a stream's caller is looked at again: while changes are announced, only because a message may be lost. */
const LOOK_MS_ANNOUNCED = 5_000;
const LOOK_MS_ALONE = 1_000;

/** Whom a stream is for, and what they must be allowed to do all the time. */
export interface StreamCaller {
  readonly caller: Caller;
  readonly request: Request;
  readonly permission: Permission;
}

/** What holds a stream to its caller's access; give `close()` a call when the stream has ended. */
export interface HeldAccess {
  /** Aborted once the caller may no longer see what it follows. */
  readonly lost: AbortSignal;
  close(): void;
}

/**
 * Ends streams whose caller may no longer have them: a session that ended, a principal that was disabled, a role or a group
 * that it lost, since what was sent before said what it could decide. It looks again at once when a message says so, and every few seconds in any case.
 */
@Injectable()
export class StandingAccess {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly watch: ChangeWatch,
  ) {}

  hold(stream: StreamCaller): HeldAccess {
    const lost = new AbortController();
    let isLooking = false;
    let isLate = false;
    let lookedAtMs = performance.now();
    const look = async (): Promise<void> => {
      isLate = true;
      if (isLooking) return;
      isLooking = true;
      while (isLate && !lost.signal.aborted) {
        isLate = false;
        lookedAtMs = performance.now();
        if (!(await this.#isAllowed(stream))) lost.abort();
      }
      isLooking = false;
    };
    const stopListening = this.watch.listenForAccess((principal) => {
      if (principal === null || principal === stream.caller.id) void look();
    });
    const timer = setInterval(() => {
      const lookMs = this.watch.isAnnounced ? LOOK_MS_ANNOUNCED : LOOK_MS_ALONE;
      if (performance.now() - lookedAtMs >= lookMs) void look();
    }, LOOK_MS_ALONE);
    return {
      lost: lost.signal,
      close() {
        clearInterval(timer);
        stopListening();
        lost.abort();
      },
    };
  }

  /** The caller as it is now; undefined when it may not have the stream, also when that cannot be known. */
  async callerNow({ request, permission }: StreamCaller, asOfNow = false): Promise<Caller | undefined> {
    try {
      const caller = await this.authenticator.authenticate(request, { asOfNow, isBackground: true });
      return caller.permissions.has(permission) ? caller : undefined;
    } catch (error) {
      if (error instanceof BrokerError) return undefined;
      throw error;
    }
  }

  async #isAllowed(stream: StreamCaller): Promise<boolean> {
    try {
      const now = await this.callerNow(stream, true);
      return now !== undefined && hasAllOf(stream.caller, now);
    } catch {
      return false; // nobody foresaw it: the stream ends, and its caller may come again
    }
  }
}

/** Whether a caller has all the roles and groups that it had when its stream began. */
function hasAllOf(before: Caller, { roles, groups }: Caller): boolean {
  return before.roles.every((role) => roles.includes(role)) && before.groups.every((group) => groups.includes(group));
}
