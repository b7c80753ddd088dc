import type { Socket } from 'node:net';

/** A client that does not close its side is cut off after this time. */
const LINGER_MS = 500;

/** Writes the last packets to a client that does not get in, and ends the connection whatever the client does. */
export function endWith(socket: Socket, packets: Buffer): void {
  socket.on('error', () => {}); // it may be gone already; nobody is left to be told
  socket.resume();
  socket.end(packets);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
