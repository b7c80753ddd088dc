import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestProject } from 'vitest/node';
import './engines.js'; // declares what is provided
import { LOCAL, sweepTemporaryFolders } from './folders.js';
import { findMysql97 } from './mysql97.js';
import { type DatabaseAddress, type DatabaseServer } from './servers/database-server.js';
import { startMariadb } from './servers/mariadb.js';
import { startMysql } from './servers/mysql.js';
import { startRedis } from './servers/redis.js';

/** Starts the servers that all tests of a run share; gives back what stops them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  sweepTemporaryFolders();
  await rm(join(LOCAL, 'test', 'logs'), { recursive: true, force: true });
  const mysql97 = await findMysql97();
  const [mariadb, mysql, redis] = await Promise.all([
    startMariadb(),
    mysql97.available ? startMysql(mysql97) : null,
    startRedis(),
  ]);
  project.provide('servers', {
    mariadb: addressOf(mariadb),
    mysql: mysql ? addressOf(mysql) : null,
    mysqlMissing: mysql97.available ? null : mysql97.reason,
    redis: { host: redis.host, port: redis.port, url: redis.url, version: redis.version },
  });
  return async () => {
    await Promise.all([mariadb.stop(), mysql?.stop(), redis.stop()]);
  };
}

function addressOf({ flavour, version, host, port, socket, root, ca }: DatabaseServer): DatabaseAddress {
  return { flavour, version, host, port, socket, root, ca };
}
