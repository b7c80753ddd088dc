import type { RowDataPacket } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { callApi } from '../../src/client/api-call.js';
import { ROLES } from '../../src/domain/principal.js';
import type { Broker } from './broker.js';
import { withMysql2 } from './clients/mysql2.js';

/**
 * Takes out of a broker's state what the tests of a file have put there beside its processes or made by its API, so that the
 * next file finds what a new broker has: grants of gateways that do not run, questions, identity providers with what they
 * brought, principals and keys besides the first four. Grants that are over, their recordings and the administrative record
 * stay, and targets until {@link clearTargets}.
 */
export async function clearState(broker: Broker): Promise<void> {
  await atStateDatabase(broker, async (connection) => {
    await clearProviders(broker, connection);
    for (const statement of CLEARING) await connection.query(statement, [firstKeyIds(broker)]);
  });
}

/**
 * Takes the targets out of a broker's state, once no grant needs them: their databases are gone, and with some hundreds of
 * them the next file would not find its own on the first page of a list.
 */
export async function clearTargets(broker: Broker): Promise<void> {
  await atStateDatabase(broker, async (connection) => connection.query('DELETE FROM targets'));
}

/** Runs queries in the state database of a broker. */
export function atStateDatabase<T>(
  { stateDatabaseUrl }: Pick<Broker, 'stateDatabaseUrl'>,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { hostname: host, port, username: user, password, pathname } = new URL(stateDatabaseUrl);
  return withMysql2({ host, port: Number(port), user, password, database: pathname.slice(1) }, work);
}

/** Each may use the ids of the first four keys. */
const CLEARING = [
  "DELETE FROM grants WHERE gateway_id NOT IN (SELECT id FROM gateways WHERE name = 'gateway')",
  "DELETE FROM gateways WHERE name <> 'gateway'",
  'DELETE FROM approvals WHERE grant_id NOT IN (SELECT id FROM grants)',
  'DELETE FROM identity_providers',
  'DELETE FROM identity_mappings',
  'DELETE FROM identities',
  'DELETE FROM api_keys WHERE id NOT IN (?)',
  'DELETE FROM principals WHERE id NOT IN (SELECT principal_id FROM api_keys)',
  "UPDATE principals SET group_names = '[]', person_id = NULL, sponsor = NULL, disabled_at = NULL",
];

/** By the API, which then knows that they are gone; their rows stay until they are deleted. */
async function clearProviders({ api, keys: { operator: key } }: Broker, connection: Connection): Promise<void> {
  const [mappings] = await connection.query<RowDataPacket[]>('SELECT revision FROM identity_mappings LIMIT 1');
  if (mappings.length > 0) {
    await callApi(api, '/v1/identity-mapping', { method: 'PUT', key, body: { rules: [] } });
  }
  const [providers] = await connection.query<RowDataPacket[]>(
    'SELECT name FROM identity_providers WHERE deleted_at IS NULL',
  );
  for (const { name } of providers) {
    const { status } = await callApi(api, `/v1/identity-providers/${name}`, { method: 'DELETE', key });
    if (status !== 204) throw new Error(`The identity provider ${name} is not deleted: ${status}`);
  }
}

function firstKeyIds({ keys }: Broker): readonly string[] {
  return ROLES.map((role) => keys[role].split('_')[1] ?? '');
}
