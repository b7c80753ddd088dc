import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { makeDatabase, runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';

const { mysql } = servers();

describe.skipIf(mysql === null)('a target on MySQL', () => {
  const server = mysql ?? servers().mariadb;
  const broker = useSharedBroker();
  const account = `'prov_${randomBytes(4).toString('hex')}'@'%'`;
  const name = 'views';
  const limits = { privileges: ['SELECT', 'CREATE VIEW'] };
  const path = `/v1/targets/${name}`;
  let shop: ShopTarget;
  let own: Awaited<ReturnType<typeof makeDatabase>>;

  beforeAll(async () => {
    shop = await registerShop(broker(), server);
    own = await makeDatabase(server);
    await runAsRoot(server, [
      `CREATE USER ${account} IDENTIFIED BY 'Pw-123456789'`,
      `GRANT CREATE USER, PROCESS, CONNECTION_ADMIN, XA_RECOVER_ADMIN ON *.* TO ${account}`,
      `GRANT SELECT ON mysql.user TO ${account}`,
      `GRANT SELECT, CREATE VIEW ON \`${own.database.replaceAll('_', String.raw`\_`)}\`.* TO ${account} WITH GRANT OPTION`,
    ]);
  });
  afterAll(async () => {
    await own?.drop();
    await shop?.drop();
    await runAsRoot(server, [`DROP USER ${account}`]);
  });

  it('whose grants may make views needs an account that can drop the owner of one', async () => {
    const { operator } = broker().keys;
    const username = account.split("'")[1];
    const { host, port } = server;
    const registration = { host, port, username, password: 'Pw-123456789', tls: { mode: 'off' } };
    const body = {
      ...registration,
      name,
      defaultDatabase: own.database,
      limits: { privileges: ['SELECT'], databases: [own.database] },
    };
    expect(await call(broker(), 'POST', '/v1/targets', { key: operator, body })).toMatchObject({ status: 201 });
    const refused = await call(broker(), 'PATCH', path, { key: operator, body: { limits } });
    const missing = `GRANT ALLOW_NONEXISTENT_DEFINER ON *.* TO ${account}`;
    expect(refused).toMatchObject({ status: 422, body: { code: 'target_privileges_missing', missing: [missing] } });
    await runAsRoot(server, [missing]);
    expect(await call(broker(), 'PATCH', path, { key: operator, body: { limits } })).toMatchObject({ status: 200 });
  });

  it('seals a grant that left a view behind', async () => {
    const access = [{ database: own.database, privileges: 'ALL' as const }];
    const { id, connection } = await openGrant(broker(), name, { access });
    await withMysql2({ ...connection, user: connection.username, database: own.database }, (client) =>
      client.query('CREATE VIEW left_behind AS SELECT 1'),
    );
    const closed = await call<GrantView>(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, {
      key: broker().keys.agent,
    });
    expect(closed.body.state).toBe('sealed');
  });

  it('lets no agent give its account a password to come past the gateway with', async () => {
    const { id, connection } = await openGrant(broker(), shop.name);
    const login = { ...connection, user: connection.username, database: shop.database };
    const trying = (statement: string) => withMysql2(login, (client) => client.query(statement));
    // The first is left to the database, which wants to hear the current password; the second never leaves the gateway.
    await expect(trying("ALTER USER USER() IDENTIFIED BY 'Known-12345'")).rejects.toMatchObject({ errno: 3892 });
    await expect(trying("SET PASSWORD = 'Known-12345'")).rejects.toThrow(/session_change_refused/);
    await call(broker(), 'POST', `/v1/grants/${id}/close`, { key: broker().keys.agent });
  });
});
