import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { channelList, type ChannelView, channelView, noticesView } from '../../src/contracts/channels/channel.js';
import { principalEntity } from '../../src/persistence/entities/identity/principal.js';
import { useBroker } from '../support/broker.js';
import { makeServerCertificate } from '../support/certificates.js';
import { runProgram } from '../support/clients/program.js';
import { makeTemporaryFolder, ROOT } from '../support/folders.js';
import { bodyOf, callAs, problemOf } from '../support/http.js';
import { idsIn, messageIdOf } from '../support/mail/digest-scene.js';
import { bringPerson, insertProvider } from '../support/mail/known-people.js';
import { MailServer } from '../support/mail/mail-server.js';
import { Questions } from '../support/questions.js';

const ORIGIN = 'https://doorwarden.example.com';
const PASSWORD = 'a-secret-of-smtp';
const LOGIN = { user: 'doorwarden', password: PASSWORD };
const WAIT = { timeout: 90_000, interval: 250 };
/** Of a test that waits several times, on a machine that does much else. */
const LONG = 300_000;
const WORKER = join(ROOT, 'dist', 'apps', 'worker.js');

const folder = makeTemporaryFolder();
let server: MailServer;
let questions: Questions;

const broker = useBroker({
  gateways: 0,
  envOf: async () => {
    const certificate = await makeServerCertificate(folder);
    server = await MailServer.start({ certificate, login: LOGIN });
    return {
      worker: {
        SMTP_URL: `smtp://${LOGIN.user}:${PASSWORD}@127.0.0.1:${server.port}`,
        EMAIL_FROM: 'Doorwarden <doorwarden@example.com>',
        EMAIL_GATHER_SECONDS: '0',
        EMAIL_EVERY_MINUTES: '0',
        PUBLIC_URL: ORIGIN,
        NODE_EXTRA_CA_CERTS: certificate.caFile,
      },
    };
  },
});

beforeAll(async () => {
  questions = await Questions.start(broker());
  await insertProvider(questions.source);
});
afterAll(async () => {
  await questions?.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function channel(name: string): Promise<ChannelView | undefined> {
  const answer = await callAs(broker(), 'operator', { path: '/v1/channels' });
  return bodyOf(answer, channelList).items.find((one) => one.name === name);
}

async function test(name: string) {
  return callAs(broker(), 'operator', { path: `/v1/channels/${name}/test`, method: 'POST' });
}

async function verifiedAddress(name: string, email: string | null): Promise<void> {
  await questions.source.getRepository(principalEntity).update({ name }, { email });
}

describe('the worker', () => {
  it(
    'writes to people that may decide, encrypted, and says that the channel works',
    async () => {
      await bringPerson(questions.source, 'ann@example.com');
      const id = await questions.ask();
      await expect.poll(() => server.to('ann@example.com').length, WAIT).toBe(1);
      const [mail] = server.to('ann@example.com');
      expect(mail).toMatchObject({ isEncrypted: true, user: LOGIN.user, from: 'doorwarden@example.com' });
      expect(mail && idsIn(mail)).toEqual([id]);
      expect(mail?.text).toContain(`${ORIGIN}/approvals/${id}`);
      await expect
        .poll(() => channel('email'), WAIT)
        .toMatchObject({
          configured: true,
          testable: true,
          health: 'good',
          waiting: 0,
          lastFailure: null,
        });
      expect(await channel('log')).toMatchObject({ configured: true, testable: false });
    },
    LONG,
  );

  it(
    'that was killed while it sent leaves the digest to the next, with the same message id',
    async () => {
      const bob = await bringPerson(questions.source, 'bob@example.com');
      const stuck = Promise.withResolvers<void>();
      server.onMail = async ({ to }) => {
        if (to.includes('bob@example.com')) await stuck.promise;
      };
      await questions.ask();
      await expect.poll(() => server.to('bob@example.com').length, WAIT).toBe(1);
      await broker().kill('worker');
      server.onMail = async () => undefined;
      stuck.resolve();
      await questions.source.query('UPDATE email_digests SET try_at = 1 WHERE try_at IS NOT NULL');
      await broker().restart('worker');
      await expect.poll(() => server.to('bob@example.com').length, WAIT).toBe(2);
      expect(server.to('bob@example.com').map(messageIdOf)).toEqual([
        `<digest.${bob}.1@example.com>`,
        `<digest.${bob}.1@example.com>`,
      ]);
    },
    LONG,
  );

  it(
    'has no address and no password in its log',
    () => {
      const log = broker().logs('worker');
      for (const secret of [PASSWORD, 'ann@example.com', 'bob@example.com']) expect(log).not.toContain(secret);
    },
    LONG,
  );
});

describe('a test of a channel', () => {
  it(
    'goes to the one who asks, and is on record',
    async () => {
      await verifiedAddress('test-operator', 'op@example.com');
      const asked = await test('email');
      expect(asked.status).toBe(202);
      expect(bodyOf(asked, channelView).test).toMatchObject({ askedBy: 'test-operator', doneAt: null, failure: null });
      await expect.poll(() => server.to('op@example.com').length, WAIT).toBe(1);
      expect(server.to('op@example.com')[0]?.headers.get('subject')).toEqual(['Doorwarden: a test']);
      await expect
        .poll(async () => (await channel('email'))?.test, WAIT)
        .toMatchObject({ doneAt: expect.any(String), failure: null });
      const record = await callAs(broker(), 'operator', { path: '/v1/record?act=channel.tested' });
      const { items } = z.object({ items: z.array(z.object({ subject: z.unknown() })) }).parse(record.body);
      expect(items.map(({ subject }) => subject)).toEqual([{ kind: 'channel', name: 'email' }]);
    },
    LONG,
  );

  it(
    'says in words why it did not go out',
    async () => {
      await verifiedAddress('test-operator', null);
      expect((await test('email')).status).toBe(202);
      await expect
        .poll(async () => (await channel('email'))?.test?.failure, WAIT)
        .toBe('You have no e-mail address that an identity provider has verified.');
    },
    LONG,
  );

  it(
    'is refused while one is under way, where there is none to be sent, and to others than operators',
    async () => {
      await broker().kill('worker');
      await expect.poll(async () => (await test('email')).status, WAIT).toBe(202);
      expect(problemOf(await test('email'))).toMatchObject({ status: 409, code: 'channel_test_under_way' });
      expect(problemOf(await test('log'))).toMatchObject({ status: 409, code: 'channel_not_testable' });
      expect(problemOf(await test('pigeon'))).toMatchObject({ status: 404, code: 'channel_not_found' });
      const path = '/v1/channels/email/test';
      expect(problemOf(await callAs(broker(), 'approver', { path, method: 'POST' }))).toMatchObject({ status: 403 });
      await broker().restart('worker');
      await expect.poll(async () => (await channel('email'))?.test, WAIT).toMatchObject({ doneAt: expect.any(String) });
    },
    LONG,
  );

  it(
    'is not possible while no worker has the channel open',
    async () => {
      await questions.source.query("UPDATE channels SET open_at = 1 WHERE name = 'email'");
      await broker().kill('worker');
      await questions.source.query("UPDATE channels SET open_at = 1, seen_at = 1 WHERE name = 'email'");
      expect(await channel('email')).toMatchObject({ configured: null, testable: false });
      expect(problemOf(await test('email'))).toMatchObject({ status: 409, code: 'channel_not_testable' });
      await broker().restart('worker');
      await expect.poll(async () => (await channel('email'))?.configured, WAIT).toBe(true);
    },
    LONG,
  );
});

describe('somebody who decides', () => {
  const path = '/v1/me/notices';

  it(
    'gets digests until they say otherwise',
    async () => {
      expect(bodyOf(await callAs(broker(), 'approver', { path }), noticesView)).toEqual({
        email: 'digest',
        address: null,
        emailConfigured: true,
      });
      await verifiedAddress('test-approver', 'approver@example.com');
      const off = { email: 'off' };
      const chosen = await callAs(broker(), 'approver', { path, method: 'PUT', body: off });
      expect(bodyOf(chosen, noticesView)).toMatchObject({ email: 'off', address: 'approver@example.com' });
      expect(bodyOf(await callAs(broker(), 'approver', { path }), noticesView)).toMatchObject({ email: 'off' });
    },
    LONG,
  );

  it(
    'and nobody else chooses, and nothing else than there is',
    async () => {
      expect(problemOf(await callAs(broker(), 'agent', { path }))).toMatchObject({ status: 403 });
      expect(problemOf(await callAs(broker(), 'operator', { path }))).toMatchObject({ status: 403 });
      const body = { email: 'hourly' };
      const refused = await callAs(broker(), 'approver', { path, method: 'PUT', body });
      expect(problemOf(refused)).toMatchObject({ status: 400, code: 'request_invalid' });
    },
    LONG,
  );
});

describe('settings that do not fit together', () => {
  it('stop the worker at its start, with all that is wrong and no secret', async () => {
    const worker = { SMTP_URL: `smtp://doorwarden:${PASSWORD}@127.0.0.1/path`, EMAIL_FROM: 'nobody' };
    const env = { ...broker().env, WORKER_HEALTH_PORT: '0', ...worker };
    const { exitCode, stdout, stderr } = await runProgram(process.execPath, [WORKER], { env });
    expect(exitCode).toBe(1);
    for (const variable of ['EMAIL_FROM: ', 'PUBLIC_URL: ', 'SMTP_URL: ']) expect(stderr).toContain(variable);
    expect(stdout + stderr).not.toContain(PASSWORD);
  }, 180_000);
});
