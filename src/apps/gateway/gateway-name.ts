import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { GatewayConfig } from '../../config/gateway.js';
import { readOrMakeKeyFile } from '../../keys/key-files.js';

type Named = Pick<GatewayConfig, 'GATEWAY_NAME' | 'GATEWAY_PORT_RANGE' | 'KEYS_DIR'>;

/**
 * The gateway's name. One that is not configured is made once and kept in a file, so that it is nobody else's and the
 * same after a restart. Machines and port ranges that share the directory have files of their own.
 */
export function gatewayName({ GATEWAY_NAME, GATEWAY_PORT_RANGE: { first, last }, KEYS_DIR }: Named): string {
  if (GATEWAY_NAME !== undefined) return GATEWAY_NAME;
  const host = hostname().replaceAll(/[^\w.-]/g, '_');
  const path = join(KEYS_DIR, `gateway-${host}-${first}-${last}.name`);
  return readOrMakeKeyFile(path, () => `${host}-${randomBytes(5).toString('hex')}`).trim();
}
