import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY_TEXT } from '../../src/protocols/sql/policy/default-bundle.js';
import { startCommand } from '../support/grant-command.js';
import { servers } from '../support/engines.js';
import { call, registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** Longer than this, a grant has to be approved by people. */
const FREE_SECONDS = 900;
const POLICIES = DEFAULT_POLICY_TEXT.replace(
  /@id\("grants"\)\s*permit[^;]*;/,
  `@id("short-grants")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= ${FREE_SECONDS} };
@id("long-grants") @hold("10m")
permit (principal, action == Action::"requestGrant", resource) when { context.approved };`,
);

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
let way: ApiWay;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
});
afterAll(() => shop?.drop());
beforeEach(async () => {
  way = await ApiWay.to(broker().api);
});
afterEach(() => way.close());

/** The way to an api, which a test cuts: for its callers the api is away then, as while it restarts. */
class ApiWay {
  readonly #sockets = new Set<Socket>();
  #server: Server;

  private constructor(
    server: Server,
    readonly port: number,
    readonly api: URL,
  ) {
    this.#server = server;
    this.#serve(server);
  }

  static async to(api: string): Promise<ApiWay> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('It has no port');
    return new ApiWay(server, address.port, new URL(api));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async open(): Promise<void> {
    this.#server = createServer();
    this.#serve(this.#server);
    await new Promise<void>((listening) => this.#server.listen(this.port, '127.0.0.1', listening));
  }

  #serve(server: Server): void {
    server.on('connection', (near) => {
      const far = connect(Number(this.api.port), this.api.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }
}

const start = (ttl: string, ...words: string[]) =>
  startCommand(broker(), ['run', '--target', shop.name, '--task', 'A test', '--ttl', ttl, '--', ...words], {
    api: way.url,
  });

describe('an api that goes away', () => {
  it('while people are asked, is waited for, and the program runs once they approve', async () => {
    const command = start(`${FREE_SECONDS + 1}s`, 'echo', 'done');
    const [id = ''] = /\w{26}$/.exec(await command.untilSaid(/approvals\/\w{26}/)) ?? [];
    await way.close();
    const approve = { key: broker().keys.approver, body: { decision: 'approve' } };
    expect(await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, approve)).toMatchObject({ status: 200 });
    await new Promise((later) => setTimeout(later, 7_000)); // longer than an api is waited for that never answered
    await way.open();
    expect(await command.outcome).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  it('while the program runs, is told of its end as soon as it is there again', async () => {
    const command = start('10m', 'sh', '-c', 'echo "grant $DOORWARDEN_GRANT"; read line; exit 5');
    const [, id = ''] = /grant (\w{26})/.exec(await command.untilSaid(/grant \w{26}/)) ?? [];
    // Its input is at its end, so it is ending now or has ended: with the way closed, or a moment before.
    await way.close();
    const opened = new Promise((later) => setTimeout(later, 1_000)).then(() => way.open());
    expect(await command.outcome).toMatchObject({ exitCode: 5 });
    await opened; // which may come later, and is no matter of the next test's way
    expect((await untilState(broker(), id, 'sealed')).closeReason).toBe('completed');
  });

  it('for good, does not change the exit code; the deadline ends the grant, and the command says so', async () => {
    const command = start('20s', 'sh', '-c', 'echo "grant $DOORWARDEN_GRANT"; sleep 1; exit 5');
    const [, id = ''] = /grant (\w{26})/.exec(await command.untilSaid(/grant \w{26}/)) ?? [];
    await way.close();
    await new Promise((later) => setTimeout(later, 2_000)); // by now it tries to close
    command.child.kill('SIGINT'); // somebody does not want to wait until it gives up
    const { exitCode, stderr } = await command.outcome;
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(new RegExp(`The grant ${id} was not closed; it ends by itself at .*Z\\.\\n$`));
    await way.open();
    expect((await untilState(broker(), id, 'sealed', 60_000)).closeReason).toBe('expired');
  });
});
