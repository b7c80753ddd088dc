import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionView } from '../../src/contracts/grants/grant.js';
import { MYSQL_RUNNER } from '../../src/protocols/mysql/client/mysql-runner.js';
import { MYSQL_SESSIONS } from '../../src/protocols/mysql/client/mysql-sessions.js';
import {
  CLIENT_LOCAL_FILES,
  CLIENT_PLUGIN_AUTH,
  CLIENT_PROTOCOL_41,
  CLIENT_SECURE_CONNECTION,
  CLIENT_SSL,
} from '../../src/protocols/mysql/wire/login/capabilities.js';
import { encodeGreeting, isSslRequest } from '../../src/protocols/mysql/wire/login/handshake.js';
import { encodePackets, PACKET_HEADER_BYTES } from '../../src/protocols/mysql/wire/packet.js';
import { makeServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';

const SSL_REQUEST_END = PACKET_HEADER_BYTES + 32;
const USER = 'dw_of_this_test';
const GREETING = encodePackets(
  0,
  encodeGreeting({
    serverVersion: '8.4.0',
    threadId: 1,
    authPluginData: Buffer.alloc(20, 7),
    capabilities: CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_SSL | CLIENT_PLUGIN_AUTH | CLIENT_LOCAL_FILES,
    collationId: 45,
    statusFlags: 2,
    authPlugin: 'mysql_native_password',
    mariadbCapabilities: 0,
  }),
);

/** What the broker's own clients log in with: statements of agents, and `doorwarden exec`. */
const CLIENTS: Readonly<Record<string, (connection: ConnectionView) => Promise<unknown>>> = {
  run_statement: (connection) =>
    MYSQL_RUNNER.run(
      connection,
      { sql: 'SELECT 1' },
      {
        rowsMax: 1,
        cellCharactersMax: 1,
        charactersMax: 1,
        bytesMax: 1,
        signal: new AbortController().signal,
      },
    ),
  exec: (connection) => MYSQL_SESSIONS.open(connection),
};

/** What a client said to the server that stands where the endpoint was: the flags in the clear, and then within TLS. */
interface Heard {
  capabilities: number | undefined;
  login: string;
}

let server: Server | undefined;
afterEach(() => server?.close());

async function standIn(context: SecureContext, heard: Heard): Promise<number> {
  server = createServer((socket) => greet(socket, context, heard)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Takes the request for TLS and the login, and hangs up. */
function greet(socket: Socket, secureContext: SecureContext, heard: Heard): void {
  socket.on('error', () => undefined);
  socket.write(GREETING);
  socket.once('data', (packet) => {
    const payload = packet.subarray(PACKET_HEADER_BYTES, SSL_REQUEST_END);
    if (!isSslRequest(payload)) {
      socket.destroy();
      return;
    }
    heard.capabilities = payload.readUInt32LE(0);
    socket.pause();
    socket.unshift(packet.subarray(SSL_REQUEST_END)); // the driver goes on with TLS at once
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on('error', () => socket.destroy());
    secure.on('data', (login) => {
      heard.login += login.toString('latin1');
      socket.destroy();
    });
  });
}

async function heardBy(name: string, connect: (connection: ConnectionView) => Promise<unknown>): Promise<Heard> {
  const { ca, certificateFile, keyFile } = await makeServerCertificate(join(makeTemporaryFolder(), 'stand-in'), [name]);
  const context = createSecureContext({ cert: await readFile(certificateFile), key: await readFile(keyFile) });
  const heard: Heard = { capabilities: undefined, login: '' };
  const port = await standIn(context, heard);
  const connecting = connect({
    protocol: 'mysql',
    host: 'localhost',
    port,
    username: USER,
    password: 'secret',
    database: null,
    tls: { ca },
    dsn: '',
    env: {},
    files: {},
    folderEnv: [],
    programs: [],
    clients: {},
  });
  await expect(connecting).rejects.toThrow();
  return heard;
}

describe.each(Object.entries(CLIENTS))('the client of %s', (_, connect) => {
  it('logs in at a server that proves its host, and offers it no file of this machine', async () => {
    const { login, capabilities = CLIENT_LOCAL_FILES } = await heardBy('localhost', connect);
    expect(login).toContain(USER);
    expect(capabilities & CLIENT_LOCAL_FILES).toBe(0);
  });

  it('says nothing to a server that the same authority signed for another host', async () => {
    const { login, capabilities } = await heardBy('another.example', connect);
    expect(capabilities).toBeDefined();
    expect(login).toBe('');
  });
});
