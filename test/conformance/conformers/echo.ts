import { startEchoServer } from '../../support/echo/server.js';
import { connectEcho } from '../../support/echo/client.js';
import type { ConformanceClient, ConformanceTarget, Conformer, GrantConnection } from '../conformer.js';

const ROOM = 'hall';

/** The protocol that only tests know. */
export const ECHO_CONFORMER: Conformer = { name: 'echo', start: startTarget };

async function startTarget(): Promise<ConformanceTarget> {
  const server = await startEchoServer();
  return {
    host: server.host,
    port: server.port,
    registration: { protocol: 'echo', ...server.admin, limits: { rooms: [ROOM] } },
    access: [{ room: ROOM, verbs: ['SAY', 'SHOUT', 'LINGER', 'WIPE'] }],
    operations: {
      harmless: (mark) => `SAY ${ROOM} ${mark}`,
      risky: (mark) => `SHOUT ${ROOM} ${mark}`,
      denied: (mark) => `WIPE ${ROOM} ${mark}`,
      lasting: (mark) => `LINGER ${ROOM} ${mark}`,
      onTheWire: (operation) => `${operation}\n`,
    },
    making: /^MAKE /,
    ending: /^DROP /,
    connect: logIn,
    arrived: () => Promise.resolve(server.kept),
    stands: (account) => Promise.resolve(server.stands(account)),
    stop: () => server.stop(),
  };
}

async function logIn(connection: GrantConnection): Promise<ConformanceClient> {
  const client = await connectEcho(connection);
  return {
    run: async (operation) => {
      client.send(operation);
      const answer = await client.answer();
      if (answer === undefined) return { refusal: 'The connection is gone.' };
      return answer.startsWith('NO ') ? { refusal: answer } : { answer };
    },
    gone: client.gone,
    close: () => client.close(),
  };
}
