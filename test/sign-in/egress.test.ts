import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANSWER_BYTES_MAX, type Egress } from '../../src/egress/egress.js';
import { providerEgress, type ProviderEgressOptions } from '../../src/idp/provider-egress.js';
import { unavailableReason } from '../../src/idp/provider-unavailable.js';
import { makeServerCertificate, type ServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { type LyingIssuer, sendJson, sendText, startLyingIssuer } from '../support/idp/lying-issuer.js';

let plain: LyingIssuer;
let secure: LyingIssuer;
let certificate: ServerCertificate;
const folder = makeTemporaryFolder();

beforeAll(async () => {
  certificate = await makeServerCertificate(folder);
  plain = await startLyingIssuer();
  secure = await startLyingIssuer({
    tls: { cert: await readFile(certificate.certificateFile), key: await readFile(certificate.keyFile) },
  });
});
afterAll(async () => {
  await Promise.all([plain.close(), secure.close()]);
  await rm(folder, { recursive: true });
});
beforeEach(() => plain.answers.clear());

const to = (issuer: LyingIssuer, change: Partial<ProviderEgressOptions> = {}) =>
  providerEgress({ origins: [issuer.origin], allowPrivateAddresses: true, ca: null, ...change });

/** The reason why it does not go, or the status. */
async function outcome(egress: Egress, address: string): Promise<unknown> {
  try {
    return (await egress.fetch(address)).status;
  } catch (error) {
    return unavailableReason(error) ?? error;
  }
}

describe('the way out', () => {
  it('goes to a configured origin and gives its answer', async () => {
    plain.answers.set('/echo', (request, response, body) =>
      sendJson(response, { method: request.method, type: request.headers['content-type'], body }),
    );
    const response = await to(plain).fetch(`${plain.issuer}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ a: 'b c' }),
    });
    expect(await response.json()).toEqual({
      method: 'POST',
      type: 'application/x-www-form-urlencoded',
      body: 'a=b+c',
    });
    expect(await outcome(to(plain), `${plain.issuer}/nothing`)).toBe(404);
  });

  it.each([
    ['another port', () => 'http://127.0.0.1:1/'],
    ['another host', () => plain.issuer.replace('127.0.0.1', 'localhost')],
    ['another scheme', () => plain.issuer.replace('http:', 'https:')],
    ['a host that begins like it', () => `${plain.issuer}.example.com/`],
    ['a name before the host', () => plain.issuer.replace('http://', 'http://id.example.com@evil.')],
    ['a file', () => 'file:///etc/passwd'],
    ['no address', () => '/keys'],
  ])('does not go to %s', async (_, address) => {
    expect(await outcome(to(plain), address())).toBe('origin_not_configured');
    expect(plain.asked('/')).toBe(0);
  });

  it('is not open without TLS, but to this machine', async () => {
    const origins = ['http://93.184.216.34', 'http://id.example.com'];
    const egress = providerEgress({ origins, allowPrivateAddresses: true, ca: null });
    expect(await outcome(egress, 'http://93.184.216.34/')).toBe('not_encrypted');
    expect(await outcome(egress, 'http://id.example.com/')).toBe('not_encrypted');
  });

  it('does not follow a redirect, wherever it leads', async () => {
    plain.answers.set('/away', (_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    plain.answers.set('/here', (_, response) => response.writeHead(307, { location: '/keys' }).end());
    expect(await outcome(to(plain), `${plain.issuer}/away`)).toBe('redirect');
    expect(await outcome(to(plain), `${plain.issuer}/here`)).toBe('redirect');
    expect(plain.asked('/keys')).toBe(0);
  });

  it('ends an answer of more than 64 KiB, with and without its length', async () => {
    const text = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    plain.answers.set('/most', (_, response) => sendText(response, text(ANSWER_BYTES_MAX)));
    plain.answers.set('/more', (_, response) => sendText(response, text(ANSWER_BYTES_MAX + 1)));
    plain.answers.set('/endless', (_, response) => {
      response.writeHead(200);
      const fill = () => {
        while (!response.destroyed && response.write(text(16_384)));
      };
      response.on('drain', fill);
      fill();
    });
    expect(await outcome(to(plain), `${plain.issuer}/most`)).toBe(200);
    expect(await outcome(to(plain), `${plain.issuer}/more`)).toBe('too_large');
    expect(await outcome(to(plain), `${plain.issuer}/endless`)).toBe('too_large');
  });

  it('ends an answer with long headers, and refuses a compressed one', async () => {
    plain.answers.set('/headers', (_, response) => response.writeHead(200, { 'x-fill': 'x'.repeat(20_000) }).end());
    plain.answers.set('/gzip', (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    expect(await outcome(to(plain), `${plain.issuer}/headers`)).toBe('too_large');
    expect(await outcome(to(plain), `${plain.issuer}/gzip`)).toBe('compressed');
  });

  it('gives up on one that does not answer, or drips', async () => {
    plain.answers.set('/silent', () => {});
    plain.answers.set('/drips', (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    });
    const egress = to(plain, { msMax: 300 });
    expect(await outcome(egress, `${plain.issuer}/silent`)).toBe('too_slow');
    expect(await outcome(egress, `${plain.issuer}/drips`)).toBe('too_slow');
  });

  it('says when nobody is there, or it breaks off', async () => {
    plain.answers.set('/breaks', (request) => request.socket.destroy());
    plain.answers.set('/half', (request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x', () => request.socket.destroy());
    });
    expect(await outcome(to(plain), `${plain.issuer}/breaks`)).toBe('connection_failed');
    expect(await outcome(to(plain), `${plain.issuer}/half`)).toBe('connection_failed');
    const gone = await startLyingIssuer();
    await gone.close();
    expect(await outcome(to(gone), gone.issuer)).toBe('connection_failed');
  });
});

describe('addresses', () => {
  const NAME = 'id.example.com';
  const named = (addresses: readonly string[], allowPrivateAddresses: boolean) => {
    const { port } = new URL(secure.issuer);
    const origin = `https://${NAME}:${port}`;
    const egress = providerEgress({
      origins: [origin],
      allowPrivateAddresses,
      ca: certificate.ca,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });
    return outcome(egress, `${origin}/keys`);
  };

  it('that are private are refused where the name leads there, whatever else it has', async () => {
    const before = secure.asked('/keys');
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:127.0.0.1']) {
      expect(await named([address], false)).toBe('private_address');
      expect(await named(['93.184.216.34', address], false)).toBe('private_address');
    }
    expect(secure.asked('/keys')).toBe(before);
  });

  it('that change between two look-ups do not help anybody: each connection is judged by its own', async () => {
    const answers = ['93.184.216.34', '127.0.0.1'];
    const { port } = new URL(secure.issuer);
    const origin = `https://${NAME}:${port}`;
    const enough = new AbortController();
    const egress = providerEgress({
      origins: [origin],
      allowPrivateAddresses: false,
      ca: certificate.ca,
      resolve: async () => {
        if (answers.length === 2) enough.abort(); // the look-up was good; nothing is sent to an address of others
        return [{ address: answers.shift() ?? '', family: 4 }];
      },
    });
    const before = secure.asked('/keys');
    await expect(egress.fetch(`${origin}/keys`, { signal: enough.signal })).rejects.toThrow('signin_provider');
    expect(answers).toHaveLength(1);
    expect(await outcome(egress, `${origin}/keys`)).toBe('private_address');
    expect(secure.asked('/keys')).toBe(before);
  });

  it('written out are judged too', async () => {
    const origins = [
      'https://127.0.0.1',
      'https://[::1]',
      'https://10.0.0.1',
      'https://[::ffff:10.0.0.1]',
      'http://127.0.0.1',
    ];
    const egress = providerEgress({
      origins: origins.map((origin) => new URL(origin).origin),
      allowPrivateAddresses: false,
      ca: null,
    });
    for (const origin of origins) expect(await outcome(egress, `${origin}/`)).toBe('private_address');
    expect(await outcome(egress, 'http://2130706433/')).toBe('private_address');
  });

  it('that nobody has are a reason of their own', async () => {
    expect(await named([], true)).toBe('name_unknown');
  });

  it('need a certificate of the name, by an authority that is trusted', async () => {
    expect(await named(['127.0.0.1'], true)).toBe('tls_untrusted'); // another name than the certificate's
    expect(await outcome(to(secure), `${secure.issuer}/keys`)).toBe('tls_untrusted');
    expect(await outcome(to(secure, { ca: certificate.ca }), `${secure.issuer}/keys`)).toBe(200);
  });

  it('need it even where the environment says that certificates do not matter', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(await outcome(to(secure), `${secure.issuer}/keys`)).toBe('tls_untrusted');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});
