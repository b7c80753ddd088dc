import { OperatorError } from '../kernel/operator-error.js';
import { codeOf } from '../persistence/state/at-state.js';

/** What a process cannot start without, in one sentence for its operator. */
export class StartError extends OperatorError {}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
};

/** Where a process was told to listen, with the settings that said so. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly settings: string;
}

/** Why nothing listens where it should. What is no fault of the place goes on as it is. */
export function listenFault({ host, port, settings }: ListenPlace, cause: unknown): unknown {
  const why = LISTEN_FAULTS[codeOf(cause) ?? ''];
  if (why === undefined) return cause;
  return new StartError(`Nothing can listen on ${host}:${port}: ${why}. Check ${settings}.`, { cause });
}
