import { hostname, userInfo } from 'node:os';
import { setTimeout as timer } from 'node:timers/promises';
import { callApi } from '../../../client/api-call.js';
import { ApiFailure, failureOf } from '../../../client/api-failure.js';
import { type DeviceOpening, deviceOpening, deviceToken } from '../../../contracts/sign-in/device.js';
import { shownLine } from '../../../domain/visible-text.js';
import { packageVersion } from '../../package-version.js';
import { lightFetch } from '../light-fetch.js';
import { openBrowser } from './open-browser.js';

/** What the broker asks for after `slow_down` (RFC 8628, section 3.5). */
const SLOWER_MS = 5_000;
/** How long the broker may be away, or busy, before it is asked again. */
const AWAY_MS = 5_000;

/** Whatever the broker says: it is asked neither all the time nor for ever. */
const INTERVAL_MS_MIN = 500;
const WAIT_MS_MAX = 3_600_000;

export interface DeviceLogin {
  /** Whether a browser may be opened. */
  readonly browser: boolean;
  /** Waits between the questions; a test waits less. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * Waits until somebody with a browser has let this command line in, and gives the secret of its session. What to do is said
 * on standard error. @throws ApiFailure when it is refused, or nobody decides in time
 */
export async function letInByBrowser(api: string, { browser, pause = timer }: DeviceLogin): Promise<string> {
  const { status, body, headers } = await callApi(api, '/auth/device', { body: ownNames(), fetch: lightFetch() });
  if (status >= 400) throw failureOf(status, body, headers);
  const parsed = deviceOpening.safeParse(body);
  if (!parsed.success)
    throw new ApiFailure(`The broker at ${api} answers in another form than this version knows.`, null);
  tell(parsed.data, browser);
  return waitForToken(api, parsed.data, pause);
}

/** What the person reads on the page; nothing there can be a sentence. */
function ownNames(): object {
  const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const machine = `${word(nameOfUser())}@${word(hostname())}`.slice(0, 64).replace(/^[^A-Za-z0-9]+/, '');
  return { client: `doorwarden/${packageVersion()}`, ...(machine === '' ? {} : { machine }) };
}

/** A user of the machine may have no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}

function tell({ userCode, verificationUri, expiresInSeconds }: DeviceOpening, mayOpen: boolean): void {
  const page = new URL(verificationUri);
  page.searchParams.set('code', userCode);
  const isOpened = mayOpen && openBrowser(page.href);
  const lines = [
    `${isOpened ? 'Your browser opens' : 'Open'} ${shownLine(verificationUri)}${isOpened ? '; else open it yourself' : ''}`,
    `and type this code:  ${shownLine(userCode)}`,
    `Waiting for that, for ${Math.round(expiresInSeconds / 60)} minutes at most. Ctrl-C ends it.`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

async function waitForToken(
  api: string,
  { deviceCode, intervalSeconds, expiresInSeconds }: DeviceOpening,
  pause: (ms: number) => Promise<unknown>,
): Promise<string> {
  const endMs = performance.now() + Math.min(expiresInSeconds * 1_000, WAIT_MS_MAX);
  let intervalMs = Math.max(intervalSeconds * 1_000, INTERVAL_MS_MIN);
  for (let pauseMs = intervalMs; ;) {
    await pause(pauseMs);
    try {
      return await tokenOf(api, deviceCode);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !mayPass(error) || performance.now() > endMs) throw error;
      if (error.code === 'slow_down') intervalMs += SLOWER_MS;
      const isAsked = error.code === 'authorization_pending' || error.code === 'slow_down';
      pauseMs = isAsked ? intervalMs : Math.max(intervalMs, error.retryAfterMs, AWAY_MS);
    }
  }
}

/** Nobody has decided yet, or the broker is not there for a moment. */
function mayPass({ code, isPassing }: ApiFailure): boolean {
  return isPassing || code === 'authorization_pending' || code === 'slow_down';
}

async function tokenOf(api: string, deviceCode: string): Promise<string> {
  const { status, body, headers } = await callApi(api, '/auth/device/token', {
    body: { deviceCode },
    fetch: lightFetch(),
  });
  if (status >= 400) throw failureOf(status, body, headers);
  const parsed = deviceToken.safeParse(body);
  if (parsed.success) return parsed.data.token;
  throw new ApiFailure(`The broker at ${api} answers in another form than this version knows.`, null);
}
