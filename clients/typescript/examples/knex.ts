// Reads and changes orders with Knex over mysql2: DOORWARDEN_API, DOORWARDEN_API_KEY, DOORWARDEN_TARGET and
// DOORWARDEN_DATABASE say where.
import { addressOfEnvironment, connectDoorwarden, sendApproved, withGrant } from '@doorwarden/client';
import knexPackage from 'knex';

const { knex } = knexPackage; // it is no ECMAScript module

interface Order {
  readonly id: number;
  readonly total: number;
}

const { DOORWARDEN_TARGET = 'orders-db', DOORWARDEN_DATABASE = 'shop' } = process.env;
const client = connectDoorwarden(addressOfEnvironment());
const request = {
  target: DOORWARDEN_TARGET,
  task: { title: 'Correct an order, with Knex' },
  access: [{ database: DOORWARDEN_DATABASE, privileges: ['SELECT', 'UPDATE'] }],
  ttlSeconds: 600,
  onHold: 'error' as const,
};

await withGrant({ client, ...request, closeOnSignals: true }, async (connection) => {
  const { host, port, username: user, password, database, tls } = connection;
  // Knex takes an address apart by itself, and does not read the authority in it: it is given the parts. Its types know no
  // `verifyIdentity`, which mysql2 takes.
  const ssl = { ca: tls.ca, verifyIdentity: true };
  const orders = knex({
    client: 'mysql2',
    connection: {
      host,
      port,
      user,
      password,
      database: database ?? undefined,
      ssl,
    },
    pool: { min: 0, max: 4 },
  });
  try {
    const all = await orders<Order>('orders').select('id', 'total').orderBy('id');
    console.log(all.map(({ id, total }) => `${id}: ${total}`).join(', '));
    // A new query each time: one that failed is not sent again.
    const changed = await sendApproved(
      client,
      async () => orders<Order>('orders').where({ id: 2 }).update({ total: 23 }),
      {
        onProgress: ({ id }) => console.log(`waits: ${client.approvalLink(id)}`),
      },
    );
    console.log(`changed: ${changed}`);
  } finally {
    await orders.destroy();
  }
});
