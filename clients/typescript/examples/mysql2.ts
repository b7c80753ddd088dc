// Reads and changes orders with mysql2: DOORWARDEN_API, DOORWARDEN_API_KEY, DOORWARDEN_TARGET and
// DOORWARDEN_DATABASE say where.
import { addressOfEnvironment, connectDoorwarden, sendApproved, withGrant } from '@doorwarden/client';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';

const { DOORWARDEN_TARGET = 'orders-db', DOORWARDEN_DATABASE = 'shop' } = process.env;
const client = connectDoorwarden(addressOfEnvironment());
const request = {
  target: DOORWARDEN_TARGET,
  task: { title: 'Correct an order, with mysql2' },
  access: [{ database: DOORWARDEN_DATABASE, privileges: ['SELECT', 'UPDATE'] }],
  ttlSeconds: 600,
  onHold: 'error' as const,
};

await withGrant({ client, ...request, closeOnSignals: true }, async (connection) => {
  // A pool takes the same text. A session of the broker's has one statement at a time, as one of the database has.
  const database = await mysql.createConnection(connection.dsn);
  try {
    const [orders] = await database.query<RowDataPacket[]>('SELECT id, total FROM orders ORDER BY id');
    console.log(orders.map(({ id, total }) => `${id}: ${total}`).join(', '));
    const [changed] = await sendApproved(
      client,
      () => database.execute<ResultSetHeader>('UPDATE orders SET total = ? WHERE id = ?', [21, 2]),
      { onProgress: ({ id }) => console.log(`waits: ${client.approvalLink(id)}`) },
    );
    console.log(`changed: ${changed.affectedRows}`);
  } finally {
    await database.end();
  }
});
