import { BrokerError } from '../../kernel/errors.js';

/** No call waits longer for the state database, whatever became of the connection. */
export const STATE_WAIT_MS_MAX = 2_500;

/** The database or the way to it is not there, or asks to try again. Driver and server codes as mysql2 names them. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'POOL_CLOSED',
  'ER_ACCESS_DENIED_ERROR',
  'ER_CON_COUNT_ERROR',
  'ER_CONNECTION_KILLED',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_QUERY_INTERRUPTED',
  'ER_SERVER_SHUTDOWN',
]);

/**
 * Runs work on the state database: every method of a repository goes through here. Work that outlives the limit may
 * still take effect; a change of state is a conditional update, so asking again is safe.
 * @throws BrokerError `state_unavailable`; any other failure without its SQL and values
 */
export async function atState<T>(work: () => Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => limit.reject(new BrokerError('state_unavailable', { detail: 'It did not answer in time.' })),
    STATE_WAIT_MS_MAX,
  );
  try {
    return await Promise.race([work(), limit.promise]);
  } catch (error) {
    throw withoutSql(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the database refused a row because one with the same unique key is there. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === 'ER_DUP_ENTRY';
}

/** The code of a driver's failure: the driver's own error, or TypeORM's that carries it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'driverError' in error ? codeOf(error.driverError) : undefined;
}

/** TypeORM's errors carry the statement and its values, the server's messages quote them: neither may reach a log. */
function withoutSql(error: unknown): unknown {
  if (error instanceof BrokerError) return error;
  const code = codeOf(error);
  if (code === undefined) return isWithoutConnection(error) ? new BrokerError('state_unavailable') : error;
  if (!UNAVAILABLE.has(code)) return new StateError(code);
  return new BrokerError('state_unavailable', { cause: new StateError(code) });
}

/** What TypeORM and mysql2 say by themselves, without a code, when there is no connection to be had. */
const WITHOUT_CONNECTION: ReadonlySet<string> = new Set(['Pool is closed.', 'Queue limit reached.']);

function isWithoutConnection(error: unknown): boolean {
  return error instanceof Error && (error.name === 'DriverNotConnectedError' || WITHOUT_CONNECTION.has(error.message));
}

/** A failure of the state database by its code alone. */
export class StateError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`The state database refused or failed: ${code}`);
    this.name = 'StateError';
    this.code = code;
  }
}
