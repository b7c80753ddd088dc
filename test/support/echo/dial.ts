import { once } from 'node:events';
import { connect } from 'node:net';
import type { TargetLogin } from '../../../src/gateway/gateway-protocol.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import { EchoWire } from './wire.js';

const CONNECT_MS = 5_000;

/** Connects to an echo server and says the first line. @throws BrokerError `target_unreachable`, `target_login_refused` */
export async function dial(
  { host, port, tls }: TargetLogin['endpoint'],
  first: string,
): Promise<{ readonly wire: EchoWire; readonly answer: string }> {
  if (tls.mode !== 'off') throw new BrokerError('target_tls_unavailable');
  const socket = connect({ host, port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
  try {
    const wire = new EchoWire(socket);
    await once(socket, 'connect').catch(() => undefined);
    wire.send(first);
    const answer = await wire.next();
    if (answer === undefined) throw new BrokerError('target_unreachable', { detail: 'It closed the connection.' });
    if (!answer.startsWith('OK')) throw new BrokerError('target_login_refused', { detail: `It answered ${answer}.` });
    return { wire, answer };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export function logIn(endpoint: TargetLogin['endpoint'], name: string, secret: string) {
  return dial(endpoint, `LOGIN ${name} ${secret}`);
}

/** Has the server's keeper say lines, and gives the answers. */
export async function administer(
  { endpoint, username, password }: TargetLogin,
  ...lines: readonly string[]
): Promise<readonly string[]> {
  const { wire } = await logIn(endpoint, username, password);
  try {
    const answers: string[] = [];
    for (const line of lines) {
      wire.send(line);
      const answer = await wire.next();
      if (answer === undefined) throw new BrokerError('target_unreachable', { detail: 'It closed the connection.' });
      answers.push(answer);
    }
    return answers;
  } finally {
    wire.socket.destroy();
  }
}
