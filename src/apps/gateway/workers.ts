import { fork, type ChildProcess } from 'node:child_process';
import { loadGatewayConfig, type GatewayConfig } from '../../config/gateway.js';
import type { Environment } from '../../config/load.js';
import { createLog } from '../../kernel/log.js';
import { gatewayName } from './gateway-name.js';
import type { ShutdownOrder } from './shutdown-signals.js';

/** A gateway that keeps dying is not started at once again. */
const RESTART_MS = 1_000;
const ENTRY = new URL('../gateway.js', import.meta.url);

/** The environment of one of several gateways: a name, a part of the port range and a health port of its own. */
export function workerEnvironment(env: Environment, config: GatewayConfig, index: number, count: number): Environment {
  const { first, last } = config.GATEWAY_PORT_RANGE;
  const size = Math.floor((last - first + 1) / count);
  const start = first + index * size;
  return {
    ...env,
    GATEWAY_NAME: `${gatewayName(config)}#${index + 1}`,
    GATEWAY_PORT_RANGE: `${start}-${index === count - 1 ? last : start + size - 1}`,
    GATEWAY_HEALTH_PORT: config.GATEWAY_HEALTH_PORT === 0 ? '0' : String(config.GATEWAY_HEALTH_PORT + index),
  };
}

/**
 * Runs several gateways on this machine, so that more than one core carries sessions: each is a whole process with
 * grants of its own, and one that dies takes only those with it. They end together; one that an operator has drained has
 * ended in order and is not started again.
 * @throws ConfigError; Error when the port range is too small to be shared
 */
export async function runGatewayWorkers(count: number, env: Environment): Promise<void> {
  const config = loadGatewayConfig(env);
  const { first, last } = config.GATEWAY_PORT_RANGE;
  if (last - first + 1 < count)
    throw new Error(`GATEWAY_PORT_RANGE has fewer ports than there are workers (${count}).`);
  const log = createLog('gateway', config.LOG_LEVEL);
  const children = new Set<ChildProcess>();
  let stopping = false;
  const start = (index: number): Promise<void> => {
    const child = fork(ENTRY, { env: workerEnvironment(env, config, index, count), stdio: 'inherit' });
    children.add(child);
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', (code, signal) => {
      children.delete(child);
      if (stopping || code === 0) return resolve();
      log.error(
        { worker: index + 1, code, signal },
        'a gateway died; it is started again, and the reaper ends its grants',
      );
      setTimeout(() => resolve(stopping ? undefined : start(index)), RESTART_MS);
    });
    return promise;
  };
  const tell = (order: ShutdownOrder): void => {
    for (const child of children) if (child.connected) child.send(order);
  };
  process.on('SIGTERM', () => {
    tell(stopping ? 'end' : 'drain');
    stopping = true;
  });
  process.on('SIGINT', () => {
    tell('end');
    stopping = true;
  });
  await Promise.all(Array.from({ length: count }, (_, index) => start(index)));
}
