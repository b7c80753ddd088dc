import type { Request } from 'express';
import { isLoopback } from '../../../kernel/loopback.js';

/** Whether the request comes from this machine itself, and not through a proxy of it that nobody has declared. */
export function isFromThisMachine(request: Request): boolean {
  const client = plain(request.ip);
  const isForwarded = ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'].some(
    (name) => request.header(name) !== undefined,
  );
  // A proxy that TRUSTED_PROXY does not name is a stranger, whatever address it has.
  if (isForwarded && client === plain(request.socket.remoteAddress)) return false;
  return isLoopback(client);
}

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}
