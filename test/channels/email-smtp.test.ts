import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SmtpServer } from '../../src/channels/email/email-settings.js';
import { SmtpClient, type SmtpOptions } from '../../src/channels/email/smtp-client.js';
import { type SmtpFault, SmtpFailure } from '../../src/channels/email/smtp-failure.js';
import { makeServerCertificate, type ServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { MailServer, type MailServerOptions, startSilentServer } from '../support/mail/mail-server.js';

const folder = makeTemporaryFolder();
const never = new AbortController().signal;
let certificate: ServerCertificate;
let running: MailServer | undefined;

beforeAll(async () => {
  certificate = await makeServerCertificate(join(folder, 'mail'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(options: MailServerOptions = {}): Promise<MailServer> {
  running = await MailServer.start(options);
  return running;
}

function client(port: number, tls: SmtpServer['tls'], options: SmtpOptions & Pick<Partial<SmtpServer>, 'login'> = {}) {
  const { login = null, ...others } = options;
  return new SmtpClient({ host: '127.0.0.1', port, tls, login }, others);
}

const MESSAGE = Buffer.from(
  [
    'Subject: x',
    'Content-Type: multipart/alternative; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'text',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>text</p>',
    '--b--',
    '',
  ].join('\r\n'),
);
const mail = { from: 'doorwarden@example.com', to: 'ann@example.com', message: MESSAGE };

async function faultOf(sending: Promise<void>): Promise<{ readonly fault: SmtpFault; readonly message: string }> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SmtpFailure)) throw new Error(`no failure of SMTP: ${String(error)}`);
  return { fault: error.fault, message: error.message };
}

describe('a message goes out', () => {
  it('plain, where that is allowed', async () => {
    const server = await start();
    await client(server.port, 'if-offered').send(mail, never);
    expect(server.mails).toMatchObject([{ from: mail.from, to: [mail.to], text: 'text', isEncrypted: false }]);
  });

  it('by STARTTLS, where it is offered and where it is required', async () => {
    const server = await start({ certificate });
    const trust = { ca: certificate.ca };
    await client(server.port, 'if-offered', { trust }).send(mail, never);
    await client(server.port, 'required', { trust }).send(mail, never);
    expect(server.mails.map(({ isEncrypted }) => isEncrypted)).toEqual([true, true]);
  });

  it('by TLS from the first byte', async () => {
    const server = await start({ certificate, isTlsFromStart: true });
    await client(server.port, 'from-start', { trust: { ca: certificate.ca } }).send(mail, never);
    expect(server.mails).toMatchObject([{ isEncrypted: true }]);
  });

  it('plain to a server that offers STARTTLS with an unknown certificate, where nobody wants TLS', async () => {
    const server = await start({ certificate });
    await client(server.port, 'never').send(mail, never);
    expect(server.mails).toMatchObject([{ isEncrypted: false }]);
  });

  it('after a login', async () => {
    const login = { user: 'doorwarden', password: 'a secret' };
    const server = await start({ certificate, login });
    await client(server.port, 'required', { login, trust: { ca: certificate.ca } }).send(mail, never);
    expect(server.mails).toMatchObject([{ user: 'doorwarden', isEncrypted: true }]);
  });
});

describe('nothing goes out, and no password, where the way cannot be trusted', () => {
  const login = { user: 'doorwarden', password: 'a secret' };

  it.each([
    ['there is no STARTTLS', {}, 'required' as const],
    ['the certificate is of a stranger', { hasCertificate: true }, 'required' as const],
    ['the certificate is of a stranger, on loopback', { hasCertificate: true }, 'if-offered' as const],
    ['the certificate is of a stranger, from the first byte', { isTlsFromStart: true }, 'from-start' as const],
  ])('%s', async (_, { hasCertificate = false, isTlsFromStart = false }: Strange, tls) => {
    const server = await start(hasCertificate || isTlsFromStart ? { certificate, isTlsFromStart, login } : {});
    expect((await faultOf(client(server.port, tls, { login }).send(mail, never))).fault).toBe('tls');
    expect(server.mails).toEqual([]);
  });
});

interface Strange {
  readonly hasCertificate?: boolean;
  readonly isTlsFromStart?: boolean;
}

describe('a failure says what it is, and nothing that the server said', () => {
  it('of a server that is not there', async () => {
    const server = await start();
    await server.close();
    running = undefined;
    const failure = await faultOf(client(server.port, 'if-offered').send(mail, never));
    expect(failure).toEqual({ fault: 'unreachable', message: 'The mail server cannot be reached (ECONNREFUSED).' });
  });

  it('of a server that says nothing', async () => {
    const silent = await startSilentServer();
    try {
      const sending = client(silent.port, 'if-offered', { sendMsMax: 300 }).send(mail, never);
      expect((await faultOf(sending)).fault).toBe('too-slow');
    } finally {
      await silent.close();
    }
  });

  it('of a server that takes the message and does not say so', async () => {
    const server = await start();
    const stuck = Promise.withResolvers<void>();
    server.onMail = () => stuck.promise;
    const sending = client(server.port, 'if-offered', { sendMsMax: 2_000 }).send(mail, never);
    expect((await faultOf(sending)).fault).toBe('too-slow');
    stuck.resolve();
  });

  it('of a worker that is stopped meanwhile', async () => {
    const server = await start();
    const stop = new AbortController();
    const stuck = Promise.withResolvers<void>();
    server.onMail = async () => {
      stop.abort();
      await stuck.promise;
    };
    expect((await faultOf(client(server.port, 'if-offered').send(mail, stop.signal))).fault).toBe('stopped');
    stuck.resolve();
    expect((await faultOf(client(server.port, 'if-offered').send(mail, stop.signal))).fault).toBe('stopped');
  });

  it.each([
    [550, 'refused'],
    [552, 'refused'],
    [450, 'refused-now'],
    [452, 'refused-now'],
  ] as const)('of a recipient that is refused with %i', async (code, fault) => {
    const server = await start();
    server.refusals.set(mail.to, code);
    const failure = await faultOf(client(server.port, 'if-offered').send(mail, never));
    expect(failure.fault).toBe(fault);
    expect(failure.message).toContain(String(code));
    expect(failure.message).not.toMatch(/ann@|mailbox/);
  });

  it('of a message that is refused at its end', async () => {
    const server = await start();
    server.onMail = () => Promise.reject(Object.assign(new Error('spam: Mend the orders'), { responseCode: 554 }));
    const failure = await faultOf(client(server.port, 'if-offered').send(mail, never));
    expect(failure).toMatchObject({ fault: 'refused' });
    expect(failure.message).not.toContain('Mend');
  });

  it('of a password that is wrong', async () => {
    const server = await start({ login: { user: 'doorwarden', password: 'right' } });
    const login = { user: 'doorwarden', password: 'wr0ng-and-secret' };
    const failure = await faultOf(client(server.port, 'if-offered', { login }).send(mail, never));
    expect(failure.fault).toBe('login-refused');
    expect(failure.message).not.toContain('secret');
  });

  it('of a server that wants a login and gets none', async () => {
    const server = await start({ login: { user: 'doorwarden', password: 'right' } });
    expect((await faultOf(client(server.port, 'if-offered').send(mail, never))).fault).toBe('login-refused');
  });
});
