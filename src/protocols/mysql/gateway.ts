import type { Socket } from 'node:net';
import { z } from 'zod';
import type {
  GatewayProtocol,
  GatewayTools,
  GrantTarget,
  InspectionWish,
  ServingProtocol,
  TargetLogin,
} from '../../gateway/gateway-protocol.js';
import type { EndOfAccess } from '../../recording/entries/entries.js';
import type { GrantOrder } from '../../gateway/ports.js';
import type { TargetReport } from '../../domain/target.js';
import type { BrokerError } from '../../kernel/errors.js';
import type { Entry } from '../../recording/entries/entries.js';
import { AdminConnection } from './account/admin-connection.js';
import { AdminPool } from './account/admin-pool.js';
import { adminLogin, endGrantOnTarget } from './account/end-account.js';
import { inspectTarget } from './account/inspect.js';
import { SharedCatalogs } from './catalog/shared-catalogs.js';
import { forOperators } from './grant/for-operators.js';
import { GrantGuard } from './grant/grant-guard.js';
import { MysqlGrant } from './grant/mysql-grant.js';
import { tracesIn } from './grant/recorded-traces.js';
import { mysqlOrderOf } from './grant-order.js';
import { SecondOpinion } from './judge/second-opinion.js';
import { endWith } from './login/farewell.js';
import { errPacket } from './session/answer/error-packets.js';
import { MYSQL } from './target.js';

/** How a gateway serves targets that speak MySQL's protocol: MySQL and MariaDB. */
export const MYSQL_GATEWAY: GatewayProtocol = {
  name: MYSQL.name,
  start: (tools) => new ServingMysql(tools),
  inspect,
  endAccess,
};

/** What the limits of a target say of privileges to look for. */
const inspectedLimits = z.object({ privileges: z.array(z.string()), databases: z.array(z.string()).optional() });

async function inspect(login: TargetLogin, wish: InspectionWish, now: Date): Promise<TargetReport> {
  const { privileges, databases = [] } = inspectedLimits.parse(wish.limits);
  const { credentials, defaultDatabase } = wish;
  return await inspectTarget(login, { credentials, privileges, databases, defaultDatabase }, now);
}

/** On a connection made for it: a reaper ends grants seldom. */
async function endAccess(order: GrantOrder, recorded: AsyncIterable<Entry>): Promise<EndOfAccess> {
  const traces = await tracesIn(recorded);
  const admin = await AdminConnection.open(adminLogin(order));
  try {
    return await endGrantOnTarget(admin, order, traces);
  } finally {
    admin.close();
  }
}

/** What all grants of a gateway on such targets share: warm connections, catalogs, the second parser. */
class ServingMysql implements ServingProtocol {
  readonly #tools: GatewayTools;
  readonly #admins = new AdminPool();
  readonly #catalogs: SharedCatalogs;
  readonly #opinions = new SecondOpinion();

  constructor(tools: GatewayTools) {
    this.#tools = tools;
    this.#catalogs = new SharedCatalogs({ admins: this.#admins, clock: tools.clock });
  }

  async open(given: GrantOrder, onBroken: (why: unknown) => void): Promise<GrantTarget> {
    this.#opinions.prepare(); // it is ready when the account is
    const order = mysqlOrderOf(given);
    const tools = this.#tools;
    const { policies, desk, clock, log, tricks } = tools;
    const admins = this.#admins;
    const shared = { policies, desk, clock, log, admins, catalogs: this.#catalogs, opinions: this.#opinions, tricks };
    const ends = (message: string) => (why: unknown) => {
      log.error({ grant: order.id, err: why }, message);
      onBroken(why);
    };
    const onStuck = ends('privileges could not be taken from the task account; the grant ends');
    const guard = await forOperators(() => GrantGuard.prepare(order, shared, onStuck));
    const onIntruder = ends('the task account was used past the gateway; the grant ends');
    return new MysqlGrant({ order, tools, admins, guard, onIntruder });
  }

  refuse(client: Socket, { code, detail }: BrokerError): void {
    endWith(client, errPacket(code, 0, detail));
  }

  async close(): Promise<void> {
    await this.#opinions.close();
    this.#admins.close();
  }
}
