import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type {
  Arrival,
  GatewayProtocol,
  GatewayTools,
  GrantTarget,
  ServingProtocol,
  SessionHost,
  TargetLogin,
} from '../../../src/gateway/gateway-protocol.js';
import { OperationGate } from '../../../src/gateway/operation-gate.js';
import type { GrantOrder } from '../../../src/gateway/ports.js';
import { BrokerError } from '../../../src/kernel/errors.js';
import type { EndOfAccess } from '../../../src/recording/entries/entries.js';
import { isSecretOf } from './credential.js';
import { administer, dial, logIn } from './dial.js';
import { EchoJudge } from './judge.js';
import { type EchoAccess, echoAccess } from './lines.js';
import { EchoSession } from './session.js';
import { EchoWire, refusalLine } from './wire.js';

/** How a gateway serves echo servers. */
export const ECHO_GATEWAY: GatewayProtocol = {
  name: 'echo',
  start: (tools) => ({
    open: (order) => openGrant(order, tools),
    refuse: (client, fault) => new EchoWire(client).endWith(refusalLine(fault)),
    close: () => Promise.resolve(),
  }),
  async inspect(login, _wish, now) {
    await administer(login);
    return { flavour: 'echo', version: '1', tls: null, checkedAt: now.toISOString() };
  },
  endAccess: (order) => endAccess(order),
};

function openGrant(order: GrantOrder, tools: GatewayTools): ReturnType<ServingProtocol['open']> {
  const inForce = tools.policies.current();
  if (inForce === undefined) return Promise.reject(new BrokerError('policy_unavailable'));
  return Promise.resolve(new EchoGrant(order, tools, inForce.version));
}

async function endAccess(order: GrantOrder): Promise<EndOfAccess> {
  const { taskAccount } = order;
  const answers = await administer(
    loginOf(order),
    `LOCK ${taskAccount}`,
    `DROP ${taskAccount}`,
    `STANDS ${taskAccount}`,
  );
  // Connections that are being cut are there for a moment longer; the core asks again.
  if (answers.at(-1) !== 'false')
    throw new BrokerError('target_unreachable', { detail: 'The account is still there.' });
  return { account: { state: 'gone' } };
}

function loginOf({ target: { endpoint, login } }: GrantOrder): TargetLogin {
  return { endpoint, ...login };
}

/** A session as its grant finds it by the key that its client was given. */
interface Reachable {
  readonly targetKey: string;
}

/** One grant on an echo server: its account there, and its sessions. */
class EchoGrant implements GrantTarget {
  readonly policyVersion: string;
  readonly order: GrantOrder;
  readonly tools: GatewayTools;
  readonly gate: OperationGate;
  readonly judge: EchoJudge;
  readonly sessions = new Map<string, Reachable>();
  /** Of the account, which only the gateway logs in to. */
  readonly secret = randomBytes(24).toString('base64url');

  constructor(order: GrantOrder, tools: GatewayTools, policyVersion: string) {
    this.order = order;
    this.tools = tools;
    this.policyVersion = policyVersion;
    const { id: grant, deadlineMs, onHold, principal, target } = order;
    const { desk, clock, log, policies } = tools;
    this.gate = new OperationGate({ grant, deadlineMs, onHold, desk, clock, log });
    const { name, labels, report } = target;
    const subject = { principal, target: { name, labels, flavour: report.flavour } };
    const access: readonly EchoAccess[] = z.array(echoAccess).parse(order.access);
    this.judge = new EchoJudge(subject, access, policies);
  }

  async makeAccess(): Promise<void> {
    await administer(loginOf(this.order), `MAKE ${this.order.taskAccount} ${this.secret}`);
  }

  start(): void {}

  follow(): void {}

  receive(client: Socket, host: SessionHost): Arrival {
    return new EchoArrival(new EchoWire(client), this, host);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  endAccess(): Promise<EndOfAccess> {
    return endAccess(this.order);
  }
}

/** A connection until it is a session, or has been found to be none. */
class EchoArrival implements Arrival {
  readonly #client: EchoWire;
  readonly #grant: EchoGrant;
  readonly #host: SessionHost;

  constructor(client: EchoWire, grant: EchoGrant, host: SessionHost) {
    this.#client = client;
    this.#grant = grant;
    this.#host = host;
  }

  async logIn(): Promise<void> {
    const [verb, name = '', secret = ''] = (await this.#firstLine()).split(' ');
    if (verb === 'HUSH') return this.#hush(name);
    if (verb !== 'LOGIN') throw new BrokerError('handshake_invalid');
    const { order, tools, gate, judge, sessions, secret: ownSecret } = this.#grant;
    const verifier = await this.#host.verifier();
    if (verifier === undefined || name !== order.taskAccount || !isSecretOf(verifier, secret)) {
      throw new BrokerError('credential_wrong');
    }
    this.#host.admit();
    const { wire: target, answer } = await logIn(order.target.endpoint, order.taskAccount, ownSecret);
    const key = randomBytes(8).toString('hex');
    const targetKey = answer.slice('OK '.length);
    const { recorder } = this.#host;
    const { clock } = tools;
    const client = this.#client;
    try {
      const session = this.#host.begin(
        { tls: null, body: { targetKey } },
        (number) => new EchoSession({ number, client, target, recorder, judge, gate, clock }),
      );
      sessions.set(key, { targetKey });
      void session.ended.then(() => sessions.delete(key));
      client.send(`OK ${key}`);
      session.start();
    } catch (error) {
      target.socket.destroy();
      throw error;
    }
  }

  refuse(fault: BrokerError): void {
    this.#client.endWith(refusalLine(fault));
  }

  /** No session of its own: it reaches one that is there, by a key that only its client was given. */
  async #hush(key: string): Promise<void> {
    const session = this.#grant.sessions.get(key);
    if (session === undefined) throw new BrokerError('kill_unknown');
    const { wire } = await dial(this.#grant.order.target.endpoint, `HUSH ${session.targetKey}`);
    wire.socket.destroy();
    this.#client.endWith('OK');
  }

  async #firstLine(): Promise<string> {
    const { authenticationMs } = this.#grant.tools.limits;
    const timeout = new AbortController();
    const late = delay(authenticationMs, null, { signal: timeout.signal }).catch(() => null);
    const line = await Promise.race([this.#client.next(), late]);
    timeout.abort();
    if (line === null) throw new BrokerError('authentication_timeout');
    if (line === undefined) throw new BrokerError('handshake_invalid');
    return line;
  }
}
