// Reads and changes orders with Drizzle over mysql2: DOORWARDEN_API, DOORWARDEN_API_KEY, DOORWARDEN_TARGET and
// DOORWARDEN_DATABASE say where.
import { addressOfEnvironment, connectDoorwarden, sendApproved, withGrant } from '@doorwarden/client';
import { eq } from 'drizzle-orm';
import { int, mysqlTable } from 'drizzle-orm/mysql-core';
import { drizzle } from 'drizzle-orm/mysql2';
import mysql from 'mysql2/promise';

const orders = mysqlTable('orders', { id: int().primaryKey(), total: int().notNull() });

const { DOORWARDEN_TARGET = 'orders-db', DOORWARDEN_DATABASE = 'shop' } = process.env;
const client = connectDoorwarden(addressOfEnvironment());
const request = {
  target: DOORWARDEN_TARGET,
  task: { title: 'Correct an order, with Drizzle' },
  access: [{ database: DOORWARDEN_DATABASE, privileges: ['SELECT', 'UPDATE'] }],
  ttlSeconds: 600,
  onHold: 'error' as const,
};

await withGrant({ client, ...request, closeOnSignals: true }, async (connection) => {
  const pool = mysql.createPool(connection.dsn);
  try {
    const database = drizzle({ client: pool });
    const all = await database.select().from(orders).orderBy(orders.id);
    console.log(all.map(({ id, total }) => `${id}: ${total}`).join(', '));
    const [changed] = await sendApproved(
      client,
      () => database.update(orders).set({ total: 22 }).where(eq(orders.id, 2)).execute(),
      { onProgress: ({ id }) => console.log(`waits: ${client.approvalLink(id)}`) },
    );
    console.log(`changed: ${changed.affectedRows}`);
  } finally {
    await pool.end();
  }
});
