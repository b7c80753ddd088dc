import type { TargetTestStep } from '../../../domain/target-test.js';
import { BrokerError } from '../../../kernel/errors.js';

/** How far the way to a target went before it broke off. */
export type Reached = 'nothing' | 'connected' | 'greeted';

const SYSTEM_FAULTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Its host name is not known',
  EAI_AGAIN: 'Its host name cannot be looked up now',
  ECONNREFUSED: 'It refused the connection: nothing listens on that port',
  ECONNRESET: 'It cut the connection off',
  EPIPE: 'It cut the connection off',
  EHOSTUNREACH: 'There is no way to its host',
  ENETUNREACH: 'There is no way to its network',
  ETIMEDOUT: 'It did not answer in time',
  EHOSTDOWN: 'Its host is down',
};

/** What a wait that ran out means: it depends on what had come until then. */
const SILENCE: Readonly<Record<Reached, string>> = {
  nothing: 'It did not answer in time. The host is down, or something on the way drops the packets.',
  connected:
    'Something accepts connections there and says nothing. It is not a MySQL or MariaDB server, or it is too busy to greet.',
  greeted: 'It stopped answering during the login.',
};

const UNRESOLVED: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** What was under way when it broke off, for anyone who is shown the steps. */
const STEPS: Readonly<Record<Reached, TargetTestStep>> = { nothing: 'connect', connected: 'connect', greeted: 'login' };

/** The error with its cause in words. They hold no address and no account, because agents may read them too. */
export function reachFault(error: BrokerError, reached: Reached): BrokerError {
  switch (error.code) {
    case 'target_unreachable': {
      const code = error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : undefined;
      const known = code === undefined ? undefined : SYSTEM_FAULTS[code];
      const step = code !== undefined && UNRESOLVED.has(code) ? 'resolve' : STEPS[reached];
      if (known !== undefined) return withDetail(error, `${known} (${code}).`, step);
      if (error.detail === undefined && error.cause === undefined) return withDetail(error, SILENCE[reached], step);
      if (reached === 'greeted') return withDetail(error, error.detail, step);
      return withDetail(error, 'It closed the connection before it greeted.', step);
    }
    case 'target_protocol_violation':
      if (reached === 'greeted') return error;
      return withDetail(error, 'What answers there is not a MySQL or MariaDB server.');
    default:
      return error;
  }
}

function withDetail(error: BrokerError, detail: string | undefined, step?: TargetTestStep): BrokerError {
  return new BrokerError(error.code, {
    ...(detail === undefined ? {} : { detail }),
    cause: error.cause,
    fields: step === undefined ? error.fields : { step },
  });
}
