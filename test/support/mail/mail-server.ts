import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { ServerCertificate } from '../certificates.js';
import { type ReadMail, readMail } from './read-mail.js';

/** A mail as the server got it. */
export interface ReceivedMail extends ReadMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  /** As whom the client has logged in. */
  readonly user: string | null;
}

export interface MailServerOptions {
  /** With one it offers STARTTLS, or takes TLS alone from the first byte. */
  readonly certificate?: ServerCertificate;
  readonly isTlsFromStart?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
  /** By default any free one. */
  readonly port?: number;
}

/** A mail server of a test, on loopback. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** By address: the number with which it refuses a recipient. */
  readonly refusals = new Map<string, number>();
  /** Clients that have come so far. */
  connections = 0;
  /** Called with a mail that has come and that the client has no answer for yet. */
  onMail: (mail: ReceivedMail) => Promise<void> = async () => undefined;
  readonly #server: SMTPServer;
  #port = 0;

  static async start(options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(await serverOptions(options));
    await server.#listen(options.port ?? 0);
    return server;
  }

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      ...options,
      onConnect: (_session, done) => {
        this.connections += 1;
        done();
      },
      onRcptTo: ({ address }, _session, done) => {
        const refusal = this.refusals.get(address);
        done(refusal === undefined ? null : Object.assign(new Error('no such mailbox'), { responseCode: refusal }));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const mail: ReceivedMail = {
            ...readMail(Buffer.concat(chunks).toString('latin1')),
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            isEncrypted: session.secure,
            user: typeof session.user === 'string' ? session.user : null,
          };
          this.mails.push(mail);
          void this.#answer(mail, done);
        });
      },
    });
    this.#server.on('error', () => undefined); // a client that goes away is no fault of the server
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  /** The mails to one address. */
  to(address: string): readonly ReceivedMail[] {
    return this.mails.filter((mail) => mail.to.includes(address));
  }

  async close(): Promise<void> {
    for (const connection of this.#server.connections) connection.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(mail: ReceivedMail, done: (error?: Error | null) => void): Promise<void> {
    const refusal: unknown = await this.onMail(mail).then(
      () => null,
      (error: unknown) => error,
    );
    done(refusal === null || refusal instanceof Error ? refusal : new Error('failed'));
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
    const address = this.#server.server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }
}

async function serverOptions({ certificate, isTlsFromStart, login }: MailServerOptions): Promise<SMTPServerOptions> {
  const disabled = [...(certificate === undefined ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])];
  return {
    secure: isTlsFromStart ?? false,
    disabledCommands: disabled,
    authOptional: login === undefined,
    allowInsecureAuth: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      const isRight = login !== undefined && username === login.user && password === login.password;
      if (isRight) done(null, { user: username });
      else done(new Error('wrong'));
    },
    ...(certificate === undefined
      ? {}
      : { key: await readFile(certificate.keyFile), cert: await readFile(certificate.certificateFile) }),
  };
}

/** Takes connections and never says a word. */
export async function startSilentServer(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
