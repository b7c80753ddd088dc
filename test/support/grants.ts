import { randomBytes } from 'node:crypto';
import type { ConnectionView, GrantOpenedView, GrantRequest } from '../../src/contracts/grants/grant.js';
import { type ApiAnswer, type ApiCall, callApi } from '../../src/client/api-call.js';
import type { Broker } from './broker.js';
import { makeDatabase, runAsRoot } from './databases.js';
import type { DatabaseAddress } from './servers/database-server.js';

/** What a call answered; tests say what the body is, and look at it. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: ApiAnswer['headers'];
  readonly body: Body;
}

export type Call = Omit<ApiCall, 'method'>;

/** Calls the broker of a test. */
export async function call<Body = Record<string, unknown>>(
  broker: Broker,
  method: NonNullable<ApiCall['method']>,
  path: string,
  options: Call = {},
): Promise<Answer<Body>> {
  const { body, ...answer } = await callApi(broker.api, path, { ...options, method });
  return { ...answer, body: body as Body };
}

/** A target with a small shop in it, and what takes it away again. */
export interface ShopTarget {
  readonly name: string;
  readonly database: string;
  /** Of the provisioning account. */
  readonly password: string;
  readonly drop: () => Promise<void>;
}

/** Registers a server as a target: a database with a table, and an account that may provision. */
export async function registerShop(broker: Broker, server: DatabaseAddress, limits: object = {}): Promise<ShopTarget> {
  const { database, drop } = await makeDatabase(server);
  const username = `prov_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await runAsRoot(server, [
    `CREATE TABLE ${database}.orders (id INT PRIMARY KEY, total INT NOT NULL)`,
    `INSERT INTO ${database}.orders VALUES (1, 10), (2, 20), (3, 30)`,
    `CREATE USER '${username}'@'%' IDENTIFIED BY '${password}'`,
    `GRANT ALL PRIVILEGES ON *.* TO '${username}'@'%' WITH GRANT OPTION`,
  ]);
  const name = `shop-${randomBytes(4).toString('hex')}`;
  const { host, port } = server;
  const registered = await call(broker, 'POST', '/v1/targets', {
    key: broker.keys.operator,
    body: { name, host, port, username, password, defaultDatabase: database, limits, tls: { mode: 'off' } },
  });
  if (registered.status !== 201) throw new Error(`The target was refused: ${JSON.stringify(registered.body)}`);
  return {
    name,
    database,
    password,
    drop: async () => {
      await drop();
      await runAsRoot(server, [`DROP USER '${username}'@'%'`]);
    },
  };
}

/** Asks for a grant as the test's agent. */
export async function askGrant(
  broker: Broker,
  target: string,
  changed: Partial<GrantRequest> = {},
): Promise<Answer<GrantOpenedView>> {
  return call<GrantOpenedView>(broker, 'POST', '/v1/grants', {
    key: broker.keys.agent,
    body: { target, task: { title: 'Count the orders' }, ttlSeconds: 600, ...changed },
  });
}

/** A grant that is open, with its connection. */
export async function openGrant(
  broker: Broker,
  target: string,
  changed: Partial<GrantRequest> = {},
): Promise<GrantOpenedView & { readonly connection: ConnectionView }> {
  const { status, body } = await askGrant(broker, target, changed);
  const { connection } = body;
  if (status !== 201 || connection === undefined) throw new Error(`No grant: ${status} ${JSON.stringify(body)}`);
  return { ...body, connection };
}

/** Waits by long polls until a grant has a state. */
export async function untilState(
  broker: Broker,
  id: string,
  state: string,
  limitMs = 20_000,
): Promise<GrantOpenedView> {
  const untilMs = Date.now() + limitMs;
  for (;;) {
    const { body } = await call<GrantOpenedView>(broker, 'GET', `/v1/grants/${id}?wait=5`, {
      key: broker.keys.operator,
    });
    if (body.state === state) return body;
    if (Date.now() > untilMs) throw new Error(`The grant ${id} is ${body.state}, not ${state}`);
  }
}
