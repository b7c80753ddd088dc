import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { ConnectionOptions } from 'node:tls';
import type { SmtpServer } from './email-settings.js';
import { failureOf, SmtpFailure } from './smtp-failure.js';

/** How long a name may take to be found, a server to answer, and its greeting to come. */
const CONNECT_MS_MAX = 10_000;
/** For a whole message, whose end servers may look at for long: one that drips bytes does not hold the sender. */
const SEND_MS_MAX = 60_000;
const RESPONSE_BYTES_MAX = 64 * 1024;

/** A message, complete with its headers. */
export interface OutgoingMail {
  readonly from: string;
  readonly to: string;
  readonly message: Buffer;
}

export interface SmtpOptions {
  /** Whom to trust besides what Node.js trusts. */
  readonly trust?: Pick<ConnectionOptions, 'ca'>;
  readonly sendMsMax?: number;
}

/** Hands messages to a mail server, each over a connection of its own (RFC 5321). */
export class SmtpClient {
  readonly #server: SmtpServer;
  readonly #options: SmtpOptions;

  constructor(server: SmtpServer, options: SmtpOptions = {}) {
    this.#server = server;
    this.#options = options;
  }

  /** Resolves once the server has taken the message. @throws SmtpFailure */
  async send(mail: OutgoingMail, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(this.#options.sendMsMax ?? SEND_MS_MAX);
    const connection = new SMTPConnection(this.#connectionOptions());
    const broken = brokenBy(connection, AbortSignal.any([signal, limit]), () =>
      signal.aborted ? new SmtpFailure('stopped') : new SmtpFailure('too-slow'),
    );
    try {
      await Promise.race([this.#talk(connection, mail), broken.promise]);
      connection.quit();
    } catch (error) {
      connection.close();
      throw failureOf(error);
    } finally {
      broken.release();
    }
  }

  async #talk(connection: SMTPConnection, { from, to, message }: OutgoingMail): Promise<void> {
    await called((done) => connection.connect(done));
    const { login } = this.#server;
    if (login !== null) {
      await called((done) => connection.login({ user: login.user, pass: login.password }, done));
    }
    await called((done) => connection.send({ from, to: [to], size: message.length }, message, done));
  }

  #connectionOptions(): SMTPConnectionOptions {
    const { host, port, tls } = this.#server;
    return {
      host,
      port,
      secure: tls === 'from-start',
      requireTLS: tls === 'required',
      ignoreTLS: tls === 'never',
      allowInternalNetworkInterfaces: true,
      connectionTimeout: CONNECT_MS_MAX,
      greetingTimeout: CONNECT_MS_MAX,
      socketTimeout: SEND_MS_MAX,
      dnsTimeout: CONNECT_MS_MAX,
      socketCloseTimeout: 1_000,
      maxResponseSize: RESPONSE_BYTES_MAX,
      tls: { minVersion: 'TLSv1.2', ...this.#options.trust },
    };
  }
}

async function called(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  call((error) => (error === null || error === undefined ? resolve() : reject(error)));
  await promise;
}

interface Breakage {
  /** Rejects when the connection is lost or the time is over. */
  readonly promise: Promise<never>;
  release(): void;
}

/** What a connection says outside of an answer: it is lost, or its time is over. */
function brokenBy(connection: SMTPConnection, signal: AbortSignal, over: () => SmtpFailure): Breakage {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined); // nobody asks once the message is through
  const stop = (): void => reject(over());
  connection.on('error', reject);
  connection.on('end', () => reject(new SmtpFailure('connection-lost')));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return { promise, release: () => signal.removeEventListener('abort', stop) };
}
