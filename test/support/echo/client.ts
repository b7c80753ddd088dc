import { once } from 'node:events';
import { connect } from 'node:net';
import { EchoWire, HEARD } from './wire.js';

/** Where to log in, and as whom. */
export interface EchoLogin {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** A session of an echo client. */
export interface EchoClient {
  /** What a connection of its own can hush this session with. */
  readonly key: string;
  /** What others shouted. */
  readonly heard: readonly string[];
  readonly gone: Promise<void>;
  send(...lines: readonly string[]): void;
  /** The next answer; undefined when there are no more. */
  answer(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Logs in. @throws Error with the refusal */
export async function connectEcho({ host, port, username, password }: EchoLogin): Promise<EchoClient> {
  const wire = await dialed(host, port);
  wire.send(`LOGIN ${username} ${password}`);
  const greeting = await wire.next();
  if (greeting?.startsWith('OK ') !== true) {
    wire.socket.destroy();
    throw new Error(greeting ?? 'The connection is gone.');
  }
  const gone = new Promise<void>((resolve) => wire.socket.once('close', () => resolve()));
  const answers: string[] = [];
  const heard: string[] = [];
  const wanting: ((answer: string | undefined) => void)[] = [];
  let isOver = false;
  const read = async (): Promise<void> => {
    for (let line = await wire.next(); line !== undefined; line = await wire.next()) {
      if (line.startsWith(HEARD)) heard.push(line.slice(HEARD.length));
      else if (wanting.length > 0) wanting.shift()?.(line);
      else answers.push(line);
    }
    isOver = true;
    for (const tell of wanting) tell(undefined);
    wire.socket.destroy();
  };
  void read();
  return {
    key: greeting.slice('OK '.length),
    heard,
    gone,
    send: (...lines) => wire.send(lines.join('\n')),
    answer: () => {
      const next = answers.shift();
      if (next !== undefined || isOver) return Promise.resolve(next);
      return new Promise((resolve) => wanting.push(resolve));
    },
    close: async () => {
      if (wire.socket.closed) return;
      wire.socket.destroy();
      await gone;
    },
  };
}

/** A connection that is no session: hushes the one with this key, and gives what it was answered. */
export async function hush({ host, port }: Pick<EchoLogin, 'host' | 'port'>, key: string): Promise<string | undefined> {
  const wire = await dialed(host, port);
  wire.send(`HUSH ${key}`);
  const answer = await wire.next();
  wire.socket.destroy();
  return answer;
}

async function dialed(host: string, port: number): Promise<EchoWire> {
  const socket = connect({ host, port, noDelay: true });
  const wire = new EchoWire(socket);
  await once(socket, 'connect');
  return wire;
}
