import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import { runAsRoot } from '../support/databases.js';
import { servers } from '../support/engines.js';
import { askGrant, call, registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

const broker = useSharedBroker();
const shops: ShopTarget[] = [];
let shop: ShopTarget;

beforeAll(async () => {
  shop = await newShop();
});
afterAll(async () => {
  for (const { drop } of shops) await drop();
});

async function newShop(limits: object = {}): Promise<ShopTarget> {
  const made = await registerShop(broker(), servers().mariadb, limits);
  shops.push(made);
  return made;
}

async function lookAt(id: unknown, key: string): Promise<GrantView> {
  return (await call<GrantView>(broker(), 'GET', `/v1/grants/${String(id)}`, { key })).body;
}

function changeState(statement: string): Promise<void> {
  const database = new URL(broker().stateDatabaseUrl).pathname.slice(1);
  return runAsRoot(servers().mariadb, [`USE ${database}`, statement]);
}

describe('a grant that a gateway took and could not open', () => {
  it('is refused at once when the credential of its target cannot be read, and leaves the target free', async () => {
    const { name } = await newShop();
    await changeState(`UPDATE targets SET sealed_password = 'not an envelope' WHERE name = '${name}'`);
    const { status, body } = await askGrant(broker(), name);
    expect([status, Reflect.get(body, 'code')]).toEqual([409, 'target_credential_missing']);
    const refused = await lookAt(Reflect.get(body, 'grantId'), broker().keys.operator);
    expect(refused).toMatchObject({ state: 'refused', refusal: { code: 'target_credential_missing' } });
    const deleted = await call(broker(), 'DELETE', `/v1/targets/${name}`, { key: broker().keys.operator });
    expect(deleted.status).toBe(204);
  });

  it('says which tables are not there', async () => {
    const access = [{ database: shop.database, tables: ['orders', 'nothing'], privileges: ['SELECT' as const] }];
    const { status, body } = await askGrant(broker(), shop.name, { access });
    expect({ status, ...body }).toMatchObject({ status: 422, code: 'grant_table_unknown' });
    expect(Reflect.get(body, 'detail')).toContain('"nothing"');
  });

  it('tells its agent nothing of the account on the target, and an operator all', async () => {
    const { agent, operator } = broker().keys;
    const target = await newShop({ privileges: ['SELECT'] });
    const { body: registered } = await call(broker(), 'GET', `/v1/targets/${target.name}`, { key: operator });
    const username = String(registered['username']);
    await runAsRoot(servers().mariadb, [
      `REVOKE ALL PRIVILEGES, GRANT OPTION FROM '${username}'@'%'`,
      `GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO '${username}'@'%'`,
      `GRANT SELECT ON mysql.user TO '${username}'@'%'`,
    ]);
    const { status, body } = await askGrant(broker(), target.name);
    expect({ status, ...body }).toMatchObject({ status: 422, code: 'target_privileges_missing' });
    const grantId = Reflect.get(body, 'grantId');
    expect(JSON.stringify([body, await lookAt(grantId, agent)])).not.toContain(username);
    expect((await lookAt(grantId, operator)).refusal?.detail).toContain(username);
  });
});
