// Reads and changes orders with Prisma over its adapter for MariaDB and MySQL: DOORWARDEN_API, DOORWARDEN_API_KEY,
// DOORWARDEN_TARGET and DOORWARDEN_DATABASE say where. Prisma has no address in its schema: the adapter is given the
// connection of each grant.
import { addressOfEnvironment, connectDoorwarden, sendApproved, withGrant } from '@doorwarden/client';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaClient } from './generated/client.ts';

const { DOORWARDEN_TARGET = 'orders-db', DOORWARDEN_DATABASE = 'shop' } = process.env;
const client = connectDoorwarden(addressOfEnvironment());
const request = {
  target: DOORWARDEN_TARGET,
  task: { title: 'Correct an order, with Prisma' },
  access: [{ database: DOORWARDEN_DATABASE, privileges: ['SELECT', 'UPDATE'] }],
  ttlSeconds: 600,
  onHold: 'error' as const,
};

await withGrant({ client, ...request, closeOnSignals: true }, async (connection) => {
  const { host, port, username: user, password, database, tls } = connection;
  const named = database === null ? {} : { database };
  const adapter = new PrismaMariaDb({ host, port, user, password, ...named, ssl: { ca: tls.ca }, connectionLimit: 4 });
  const prisma = new PrismaClient({ adapter });
  try {
    const orders = await prisma.order.findMany({ orderBy: { id: 'asc' } });
    console.log(orders.map(({ id, total }) => `${id}: ${total}`).join(', '));
    const changed = await sendApproved(
      client,
      () => prisma.order.updateMany({ where: { id: 2 }, data: { total: 24 } }),
      {
        onProgress: ({ id }) => console.log(`waits: ${client.approvalLink(id)}`),
      },
    );
    console.log(`changed: ${changed.count}`);
  } finally {
    await prisma.$disconnect();
  }
});
