import type {
  ConnectionView,
  GrantDetailView,
  GrantOpenedView,
  GrantRequest,
  GrantView,
} from '../contracts/grants/grant.js';
import { isFinal } from '../domain/grant.js';
import { CallReach } from './api-call.js';
import { ApiFailure } from './api-failure.js';
import { newCallName } from './call-name.js';
import type { GrantClient, RequestOptions, WaitOptions } from './grant-client.js';
import { GrantNotClosedError, GrantRefusedError, refusalIn } from './grant-errors.js';
import { type ProgressOptions, waitForGrant } from './grant-progress.js';

/** A grant that is open, with what a driver needs to use it. */
export interface OpenedGrant {
  readonly grant: GrantDetailView;
  readonly connection: ConnectionView;
  /**
   * Ends the task, whether the API restarts meanwhile or not; with `waitSeconds`, waits until the recording is sealed.
   * @throws GrantNotClosedError when the API does not take it; the deadline ends the grant then
   */
  close(options?: CloseOptions): Promise<GrantView>;
}

export interface CloseOptions extends WaitOptions {
  /** How long to try while the API is away; default: two and a half minutes. */
  readonly patienceMs?: number | undefined;
}

export interface OpenOptions extends ProgressOptions {
  /**
   * `now`: the connection comes with the answer to the request, which is a call less; where that answer is lost, the grant is
   * closed and another one asked for. Default: `later`, in a call of its own.
   */
  readonly connection?: RequestOptions['connection'];
}

/** Times that a grant is asked for in all, when the one answer with its connection was lost. */
const ASKS_MAX = 3;
/** What an aborted request waits for an answer that names the grant to be closed. */
const ABORTED_MS_MAX = 15_000;
/** How long closing is tried for a caller who already has another error to hear. */
const GIVE_UP_MS_MAX = 10_000;

/**
 * Asks for a grant and waits until it can be used, whether people are asked about it or not. When it fails, or its signal
 * is aborted, the grant is closed first.
 * @throws GrantRefusedError, GrantDeniedError, GrantTimedOutError, ApiFailure, or the reason of the signal
 */
export async function openGrant(
  client: GrantClient,
  request: GrantRequest,
  options: OpenOptions = {},
): Promise<OpenedGrant> {
  for (let asks = 1; ; asks += 1) {
    const { connection: shown, ...asked } = await ask(client, request, options);
    let isActive = false;
    try {
      const grant = await waitForGrant(client, asked, options);
      isActive = true;
      const connection = shown ?? (await client.takeConnection(grant.id, options));
      return { grant, connection, close: (closing) => closeGrant(client, grant, closing) };
    } catch (error) {
      if (!(error instanceof GrantRefusedError)) await giveUp(client, asked.id);
      options.signal?.throwIfAborted();
      // People are not asked twice: only what the policy lets through is asked for again.
      const isAskedAgain = isActive && isConnectionLost(error) && asked.approval === null && asks < ASKS_MAX;
      if (!isAskedAgain) throw error;
    }
  }
}

/** The request is on its way when the signal is aborted: what it makes has to be known, to be closed. */
async function ask(
  client: GrantClient,
  request: GrantRequest,
  { signal, connection = 'later' }: OpenOptions,
): Promise<GrantOpenedView> {
  signal?.throwIfAborted();
  const idempotencyKey = newCallName();
  const reach = new CallReach();
  const ends = new AbortController();
  let limit: NodeJS.Timeout | undefined;
  const endSoon = (): void => {
    limit = setTimeout(() => ends.abort(signal?.reason), ABORTED_MS_MAX);
  };
  signal?.addEventListener('abort', endSoon, { once: true });
  try {
    return await client.requestGrant(request, { connection, idempotencyKey, signal: ends.signal, reach });
  } catch (error) {
    // What has not arrived has made nothing, and to ask once more could make it.
    if (reach.mayHaveArrived) await giveUpUnknown(client, request, { connection, idempotencyKey });
    signal?.throwIfAborted();
    throw error instanceof ApiFailure ? refusalIn(error) : error;
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', endSoon);
  }
}

/** The connection was shown, and did not arrive. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof ApiFailure)) return false;
  return error.code === 'connection_already_fetched' || (error.code === null && error.isPassing);
}

/** Leaves nothing open; where the API does not take it, the deadline ends the grant, and the caller hears the first error. */
async function giveUp(client: GrantClient, id: string): Promise<void> {
  await client.closeGrant(id, { patienceMs: GIVE_UP_MS_MAX }).catch(() => undefined);
}

/** Closes what a request without an answer may have made: by its key, the API says which grant that is. */
async function giveUpUnknown(client: GrantClient, request: GrantRequest, asked: RequestOptions): Promise<void> {
  try {
    const { id } = await client.requestGrant(request, { ...asked, signal: AbortSignal.timeout(GIVE_UP_MS_MAX) });
    await giveUp(client, id);
  } catch {
    return; // refused, so that nothing is open; or the API is away, and the deadline ends it
  }
}

async function closeGrant(client: GrantClient, grant: GrantView, options: CloseOptions = {}): Promise<GrantView> {
  const { waitSeconds = 0, signal, patienceMs } = options;
  let closing: GrantView;
  try {
    closing = await client.closeGrant(grant.id, { signal, patienceMs });
  } catch (error) {
    throw error instanceof ApiFailure ? new GrantNotClosedError(grant, error) : error;
  }
  if (waitSeconds === 0 || isFinal(closing.state)) return closing;
  return client.getGrant(grant.id, { waitSeconds, whileState: closing.state, signal });
}
