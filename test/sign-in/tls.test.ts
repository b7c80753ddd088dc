import { copyFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { TlsFiles } from '../../src/apps/api/tls-files.js';
import { makeServerCertificate } from '../support/certificates.js';
import { makeTemporaryFolder } from '../support/folders.js';
import { refusalOfApi, startFurtherApi } from '../support/further-api.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { makeLink } from '../support/sign-in.js';

const broker = useSharedBroker();

interface TlsAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly certificate: PeerCertificate;
}

/** A connection of its own each time: what the server shows now. */
function askOverTls(port: number, path: string, ca: string): Promise<TlsAnswer> {
  const answer = Promise.withResolvers<TlsAnswer>();
  const request = get({ host: '127.0.0.1', port, path, ca, agent: false }, (response) => {
    const { statusCode: status, headers, socket } = response;
    const certificate = (socket as TLSSocket).getPeerCertificate();
    text(response).then((body) => answer.resolve({ status, headers, body, certificate }), answer.reject);
  });
  request.on('error', answer.reject);
  return answer.promise;
}

describe('the api with a certificate of its own', () => {
  it('serves TLS, signs people in, and takes a renewed certificate without a restart', async () => {
    const folder = makeTemporaryFolder();
    const [first, second] = [await makeServerCertificate(folder), await makeServerCertificate(makeTemporaryFolder())];
    const files = { cert: join(folder, 'tls.pem'), key: join(folder, 'tls.key') };
    await Promise.all([copyFile(first.certificateFile, files.cert), copyFile(first.keyFile, files.key)]);
    const env = { API_TLS_CERT_FILE: files.cert, API_TLS_KEY_FILE: files.key, PUBLIC_URL: 'https://localhost:8443' };
    const api = await startFurtherApi(broker(), { env });
    try {
      const path = await makeLink(broker(), 'test-approver');
      const opened = await askOverTls(api.port, path, first.ca);
      expect(opened.status).toBe(303);
      expect(opened.headers).toMatchObject({
        'strict-transport-security': 'max-age=31536000',
        'set-cookie': [expect.stringContaining('__Host-doorwarden=')],
      });
      await writeFile(files.cert, 'no certificate');
      await expect.poll(() => api.log()).toContain('the last one stays');
      expect((await askOverTls(api.port, '/health/live', first.ca)).status).toBe(200);
      await Promise.all([copyFile(second.certificateFile, files.cert), copyFile(second.keyFile, files.key)]);
      await expect
        .poll(() =>
          askOverTls(api.port, '/health/live', second.ca).then(
            ({ status }) => status,
            () => 'not yet',
          ),
        )
        .toBe(200);
    } finally {
      await api.stop();
    }
  });

  it('does not start with wrong files', async () => {
    const [one, another] = [
      await makeServerCertificate(makeTemporaryFolder()),
      await makeServerCertificate(makeTemporaryFolder()),
    ];
    const env = { API_TLS_CERT_FILE: one.certificateFile, API_TLS_KEY_FILE: another.keyFile };
    expect(await refusalOfApi(broker(), { env })).toMatch(/API_TLS_KEY_FILE is not the one/);
  });

  it('has wrong files refused by the name of the setting', async () => {
    const folder = makeTemporaryFolder();
    const [one, another] = [await makeServerCertificate(folder), await makeServerCertificate(makeTemporaryFolder())];
    const junk = join(folder, 'junk');
    await writeFile(junk, 'junk');
    const { certificateFile: cert, keyFile: key } = one;
    for (const [certificate, privateKey, said] of [
      ['/nowhere', key, /API_TLS_CERT_FILE names cannot be read \(ENOENT\)/],
      [cert, '/nowhere', /API_TLS_KEY_FILE names cannot be read \(ENOENT\)/],
      [junk, key, /API_TLS_CERT_FILE names has no certificate/],
      [cert, junk, /API_TLS_KEY_FILE names has no private key/],
      [cert, another.keyFile, /API_TLS_KEY_FILE is not the one/],
      [cert, '', /API_TLS_KEY_FILE is not\. Set both/],
    ] as const) {
      const settings = { API_TLS_CERT_FILE: certificate, API_TLS_KEY_FILE: privateKey };
      expect(() => TlsFiles.of(settings, { info: () => undefined, warn: () => undefined })).toThrow(said);
    }
  });
});

describe('where cookies would cross a network in the open', () => {
  const ask = async (api: string, path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${api}${path}`, { redirect: 'manual', headers });
    return { status: response.status, text: await response.text() };
  };

  it.each([
    [{ PUBLIC_URL: 'http://broker.example' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://broker.example' }, 'TRUSTED_PROXY'],
  ])('nobody signs in with %o; the log, the page and the refusal name the setting', async (env, setting) => {
    const api = await startFurtherApi(broker(), { env });
    expect(api.log()).toContain('people cannot sign in');
    const path = await makeLink(broker(), 'test-approver', { anyAddress: true });
    const refused = await ask(api.api, path);
    expect(refused).toEqual({ status: 403, text: expect.stringContaining('"code":"signin_unavailable"') });
    expect(refused.text).toContain(setting);
    expect((await ask(api.api, '/auth/sign-in')).text).toContain('Sign-in is off at this address');
    expect((await ask(broker().api, path)).status).toBe(303);
    await api.stop();
  });

  it('the proxy that is trusted must say that TLS ends there', async () => {
    const env = { PUBLIC_URL: 'https://broker.example', TRUSTED_PROXY: '127.0.0.1' };
    const api = await startFurtherApi(broker(), { env });
    expect(api.log()).not.toContain('people cannot sign in');
    const path = await makeLink(broker(), 'test-approver', { anyAddress: true });
    for (const headers of [{}, { 'x-forwarded-proto': 'http' }]) {
      expect((await ask(api.api, path, headers)).text).toContain('signin_unavailable');
    }
    const through = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
    expect((await ask(api.api, path, through)).status).toBe(303);
    await api.stop();
  });
});
