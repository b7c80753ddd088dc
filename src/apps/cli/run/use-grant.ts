import { ApiFailure } from '../../../client/api-failure.js';
import type { GrantClient } from '../../../client/grant-client.js';
import { openGrant, type OpenedGrant } from '../../../client/open-grant.js';
import type { AnyTargetView } from '../../../contracts/grants/target.js';
import { OperatorError } from '../../../kernel/operator-error.js';
import { apiChoice } from '../profiles/api-choice.js';
import { EXIT, UsageFailure } from '../terminal/conventions.js';
import { CaughtSignals, EndedBySignal } from './caught-signals.js';
import { ProgramFailure } from './child-program.js';
import { type AskedGrantOptions, grantRequestOf } from './grant-options.js';
import { connectLightly } from './light-client.js';
import { RunNews } from './run-news.js';

/** What `env`, `timeout` and their like end with when they themselves have failed, so that it is not the program's. */
const EXIT_OWN = 125;
/** Longer than an api restarts; the deadline ends the grant anyway. */
const CLOSE_PATIENCE_MS = 30_000;

export interface UseOptions extends AskedGrantOptions {
  readonly json?: boolean;
}

/** What a command works with inside of a grant. */
export interface InGrant {
  readonly client: GrantClient;
  readonly opened: OpenedGrant;
  readonly news: RunNews;
  readonly signals: CaughtSignals;
}

/** A command that asks for a grant, works in it, and closes it. */
export interface GrantUse {
  readonly command: 'run' | 'connect' | 'exec';
  readonly target: string;
  readonly options: UseOptions;
  /** What its own failure ends with; default: a code that no program has. */
  readonly exitFailed?: number;
  /** What has to be right before the broker is asked for anything. */
  readonly before?: (signal: AbortSignal) => Promise<void> | void;
  /**
   * What has to be right of the target before people are asked about it. Gives the target if it was looked at, so that it is
   * not looked at again.
   */
  readonly look?: (client: GrantClient, signal: AbortSignal) => Promise<AnyTargetView | undefined>;
  /** Loads what the work needs, while the broker opens the grant; called more than once. */
  readonly ahead?: () => void;
  /** Gives the exit code. */
  readonly work: (given: InGrant) => Promise<number>;
}

/** Does all of it, tells how it went, and sets the exit code. Nothing stays open that the broker lets it close. */
export async function useGrant(use: GrantUse): Promise<void> {
  const news = new RunNews(use.command, use.options.json === true);
  const signals = new CaughtSignals(news.line);
  let exitCode: number;
  try {
    await use.before?.(signals.signal);
    const client = connectLightly(apiChoice(use.options, process.env), use.ahead);
    const { signal } = signals;
    const target = await use.look?.(client, signal);
    const looker = target === undefined ? client : { getTarget: () => Promise.resolve(target) };
    const request = await grantRequestOf(use.target, use.options, looker);
    const opened = await openGrant(client, request, { onProgress: news.progress, signal, connection: 'now' });
    exitCode = await workIn({ client, opened, news, signals }, use.work);
  } catch (error) {
    exitCode = tellFailure(news, error, use.exitFailed ?? EXIT_OWN);
  } finally {
    signals.release();
  }
  news.ended(exitCode);
  process.exitCode = exitCode;
}

/** Closes the grant whatever becomes of the work. That it did not close does not change what the work came to. */
async function workIn(given: InGrant, work: GrantUse['work']): Promise<number> {
  const { opened, news, signals } = given;
  try {
    signals.signal.throwIfAborted();
    return await work(given);
  } finally {
    await close(opened, { news, signal: signals.restart() });
  }
}

async function close(
  opened: OpenedGrant,
  { news, signal }: { readonly news: RunNews; readonly signal: AbortSignal },
): Promise<void> {
  const { grant } = opened;
  try {
    news.closed(await opened.close({ signal, patienceMs: CLOSE_PATIENCE_MS }));
  } catch (error) {
    if (error instanceof ApiFailure) news.failed(error.message, error.code);
    else if (error instanceof EndedBySignal) {
      news.failed(
        `${error.message} The grant ${grant.id} was not closed; it ends by itself at ${grant.deadline}.`,
        null,
      );
    } else throw error;
  }
}

function tellFailure(news: RunNews, error: unknown, exitFailed: number): number {
  const exitCode = failureExitCode(error, exitFailed);
  if (exitCode === undefined || !(error instanceof Error)) throw error;
  const code = error instanceof ApiFailure ? error.code : null;
  news.failed(toldOf(error, code), code);
  return exitCode;
}

function failureExitCode(error: unknown, exitFailed: number): number | undefined {
  if (error instanceof EndedBySignal || error instanceof ProgramFailure) return error.exitCode;
  if (error instanceof UsageFailure) return EXIT.usage;
  return error instanceof ApiFailure || error instanceof OperatorError ? exitFailed : undefined;
}

/** People sign in at the command line too, and have no grants. */
function toldOf(error: Error, code: string | null): string {
  if (code !== 'forbidden') return error.message;
  return `${error.message} Only agents ask for grants: use an agent's key, with DOORWARDEN_API_KEY or a profile (doorwarden login --with-key --profile agent).`;
}
