// A relay that does nothing but pass bytes on, with the gateway's own legs: what a proxy in Node.js costs at least.
// Arguments: the port to listen on, the target's port.
import { connect, createServer } from 'node:net';
import '../src/kernel/load-typescript.mjs';

const { Leg } = await import('../src/gateway/leg.ts');

const HOST = '127.0.0.1';
const SOCKET = { allowHalfOpen: true, noDelay: true };
const [port, targetPort] = process.argv.slice(2).map(Number);

createServer(SOCKET, (accepted) => {
  const dialled = connect({ ...SOCKET, port: targetPort, host: HOST }, () => {
    const client = new Leg(accepted, () => {});
    const target = new Leg(dialled, () => {});
    pass(client, target);
    pass(target, client);
  });
  for (const socket of [accepted, dialled]) socket.on('error', () => socket.destroy());
}).listen(port, HOST);

function pass(from, to) {
  from.listen({
    onBytes: (bytes) => {
      if (!to.pass(bytes)) from.pause(); // until the other one has room, see its onDrain
    },
    onEnd: () => to.end(),
    onDrain: () => to.resume(),
    onClose: () => to.destroy(),
  });
}
