import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { PortPool } from './port-pool.js';

async function takenPort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port }: AddressInfo = address;
  return {
    port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test('passes over a port that another process holds, and says so when none is left', async () => {
  const other = await takenPort();
  const pool = new PortPool('127.0.0.1', { first: other.port, last: other.port });
  await expect(pool.listen(1)).rejects.toThrow('endpoint_ports_exhausted');
  await other.close();
  const { server, port } = await pool.listen(1);
  expect(port).toBe(other.port);
  await expect(pool.listen(1)).rejects.toThrow('endpoint_ports_exhausted');
  server.close();
  await once(server, 'close');
  const again = await pool.listen(1);
  again.server.close();
});
