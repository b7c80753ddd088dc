import type { ConnectionView, GrantDetailView, GrantRequest } from '../contracts/grants/grant.js';
import type { DoorwardenClient } from './doorwarden-client.js';
import { GrantNotClosedError } from './grant-errors.js';
import type { ProgressOptions } from './grant-progress.js';
import { openGrant, type OpenedGrant } from './open-grant.js';

export interface GrantOptions extends GrantRequest, ProgressOptions {
  readonly client: DoorwardenClient;
  /**
   * SIGINT and SIGTERM close the grant, and end the process as they would have; a second one ends it at once. Default:
   * they are the program's own matter.
   */
  readonly closeOnSignals?: boolean | undefined;
  /** How long closing waits until the recording is sealed, 60 at most; default: it does not wait. */
  readonly sealedWithinSeconds?: number | undefined;
}

/** What work inside of a grant is given besides its connection. */
export interface GrantWork {
  readonly grant: GrantDetailView;
  /** Aborted when the work should end: by the caller's signal, or by one of the process. */
  readonly signal: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Opens a grant, does work with its connection, and closes it, whatever becomes of the work.
 * @throws what `openGrant` throws, what the work throws, or GrantNotClosedError when the work is done and the API does not
 * take the end. Where the work fails too, its error counts, and a warning of the process says the other.
 */
export async function withGrant<T>(
  options: GrantOptions,
  work: (connection: ConnectionView, given: GrantWork) => Promise<T> | T,
): Promise<T> {
  const { client, onProgress, signal: outer, closeOnSignals = false, sealedWithinSeconds = 0, ...request } = options;
  const ends = new AbortController();
  const { signal } = ends;
  const follow = (): void => ends.abort(outer?.reason);
  outer?.addEventListener('abort', follow, { once: true });
  const caught = closeOnSignals ? catchSignals(ends) : undefined;
  try {
    outer?.throwIfAborted();
    const opened = await openGrant(client, request, { onProgress, signal });
    return await workIn(opened, work, { signal, sealedWithinSeconds });
  } finally {
    outer?.removeEventListener('abort', follow);
    caught?.passOn();
  }
}

async function workIn<T>(
  opened: OpenedGrant,
  work: (connection: ConnectionView, given: GrantWork) => Promise<T> | T,
  { signal, sealedWithinSeconds }: { readonly signal: AbortSignal; readonly sealedWithinSeconds: number },
): Promise<T> {
  const { grant, connection } = opened;
  let result: T;
  try {
    result = await untilAborted(signal, async () => work(connection, { grant, signal }));
  } catch (error) {
    await opened.close().catch((failure: unknown) => process.emitWarning(toldIn(failure)));
    throw error;
  }
  try {
    await opened.close({ waitSeconds: sealedWithinSeconds });
  } catch (error) {
    throw error instanceof GrantNotClosedError ? new GrantNotClosedError(grant, error, result) : error;
  }
  return result;
}

/** Work that does not look at its signal loses its database when the grant is closed: it is not waited for. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The first signal aborts what is done, and is passed on when the grant is closed; with nobody listening, a second one ends all. */
function catchSignals(ends: AbortController): { readonly passOn: () => void } {
  let caught: NodeJS.Signals | undefined;
  const release = (): void => SIGNALS.forEach((name) => void process.removeListener(name, onSignal));
  function onSignal(name: NodeJS.Signals): void {
    caught = name;
    release();
    ends.abort(new Error(`The process was told to end by ${name}.`));
  }
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    passOn() {
      release();
      if (caught !== undefined) process.kill(process.pid, caught);
    },
  };
}

function toldIn(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
