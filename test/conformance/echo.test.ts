import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useBroker } from '../support/broker.js';
import { approveNext } from '../support/decide.js';
import { type EchoClient, connectEcho, hush } from '../support/echo/client.js';
import { ECHO_PROGRAMS } from '../support/echo/programs.js';
import { bodyOf, callAs, problemOf } from '../support/http.js';
import { ECHO_CONFORMER } from './conformers/echo.js';
import { type ConformanceGrant, newMark, useScene } from './scene.js';
import { CONFORMANCE_BROKER, conforms } from './suite.js';

const broker = useBroker({ ...CONFORMANCE_BROKER, programs: ECHO_PROGRAMS });

conforms(ECHO_CONFORMER, broker);

describe('a protocol that the core was not written for', () => {
  const scene = useScene(broker, ECHO_CONFORMER);

  test('is what the api says of its targets, its grants and their recordings', async () => {
    const grant = await scene().open();
    await grant.close();
    const { id, connection } = grant;
    const protocol = z.looseObject({ protocol: z.literal('echo') });
    expect(connection).toMatchObject({ protocol: 'echo', env: { ECHO_NAME: connection.username }, database: null });
    for (const path of [`/v1/targets/${scene().targetName}`, `/v1/grants/${id}`]) {
      bodyOf(await callAs(broker(), 'operator', { method: 'GET', path }), protocol);
    }
    bodyOf(await callAs(broker(), 'reviewer', { method: 'GET', path: `/v1/recordings/${id}` }), protocol);
  });

  test('has its own access and limits, and refusals that name the field', async () => {
    const ask = async (access: readonly object[]): Promise<string> => {
      const body = { target: scene().targetName, task: { title: 'A test' }, ttlSeconds: 60, access };
      return problemOf(await callAs(broker(), 'agent', { method: 'POST', path: '/v1/grants', body })).code;
    };
    expect(await ask([{ room: 'cellar', verbs: ['SAY'] }])).toBe('grant_privileges_over_limit');
    expect(await ask([{ database: 'app', privileges: ['SELECT'] }])).toBe('request_invalid');
  });

  test('is put to the policies in its own words, which operators can try', async () => {
    const tried = async (line: string): Promise<unknown> => {
      const body = { target: scene().targetName, line };
      const answer = await callAs(broker(), 'operator', { method: 'POST', path: '/v1/policies/try', body });
      return bodyOf(answer, z.looseObject({ verdict: z.string() }));
    };
    expect(await tried('SAY hall hello')).toMatchObject({ verdict: 'allow', policies: ['default-echo#says'] });
    expect(await tried('SHOUT hall HELLO')).toMatchObject({ verdict: 'hold', facts: { action: 'shout', loud: true } });
    expect(await tried('WIPE hall')).toMatchObject({ verdict: 'deny', why: 'Rooms are not wiped through the broker.' });
  });
});

describe('a protocol whose sessions do what those of databases do not', () => {
  const scene = useScene(broker, ECHO_CONFORMER);

  const withClients = async (
    count: number,
    use: (grant: ConformanceGrant, clients: readonly EchoClient[]) => Promise<void>,
  ): Promise<ConformanceGrant> => {
    const grant = await scene().open();
    const clients = await Promise.all(Array.from({ length: count }, () => connectEcho(grant.connection)));
    try {
      await use(grant, clients);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
    await grant.close();
    expect((await scene().verify(grant.id)).exitCode).toBe(0);
    return grant;
  };

  test('sends several operations before the first is answered, and has the answers in their order', async () => {
    const marks = Array.from({ length: 50 }, newMark);
    const grant = await withClients(1, async ({ id }, [client]) => {
      for (const mark of marks) scene().wire.expect({ grant: id, mark, bytes: `SAY hall ${mark}\n` });
      client?.send(...marks.map((mark) => `SAY hall ${mark}`), 'WIPE hall', 'SAY hall last');
      for (const mark of marks) expect(await client?.answer()).toBe(`SAID hall ${mark}`);
      expect(await client?.answer()).toMatch(/^NO statement_denied /);
      expect(await client?.answer()).toBe('SAID hall last');
    });
    expect(scene().wire.passed).toEqual(marks.map((mark) => ({ mark, wasRecorded: true })));
    const entries = await scene().entries(grant.id);
    const types = entries.map(({ type }) => type);
    expect(types.filter((type) => type === 'operation')).toHaveLength(52);
    expect(types.filter((type) => type === 'result')).toHaveLength(51);
    // Several were under way at a time.
    expect(types.join(' ')).toContain('operation operation');
  });

  test('is told what it never asked for, which is in the recording too', async () => {
    const mark = newMark();
    const grant = await withClients(2, async ({ id }, [speaker, listener]) => {
      speaker?.send(`SHOUT hall ${mark}`);
      await approveNext(broker(), id);
      expect(await speaker?.answer()).toBe(`SHOUTED hall ${mark}`);
      await expect.poll(() => listener?.heard).toEqual([`hall ${mark}`]);
    });
    // The command line knows no echo: it checks every byte and says what it could not look at.
    const { stdout } = await scene().verify(grant.id);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, bodiesUnchecked: 'echo' });
    const notes = (await scene().entries(grant.id)).filter(({ type }) => type === 'note');
    expect(notes).toMatchObject([{ name: 'HEARD', body: { line: `HEARD hall ${mark}` } }]);
  });

  test('is reached by a connection that is no session, with a key that only its client has', async () => {
    const mark = newMark();
    const grant = await withClients(1, async ({ id, connection }, [client]) => {
      const operation = `LINGER hall ${mark}`;
      scene().wire.expect({ grant: id, mark, bytes: `${operation}\n` });
      client?.send(operation);
      await approveNext(broker(), id);
      await expect.poll(() => scene().wire.count(mark)).toBe(1);
      expect(await hush(connection, 'somebody-elses')).toMatch(/^NO kill_unknown /);
      expect(await hush(connection, client?.key ?? '')).toBe('OK');
      expect(await client?.answer()).toBe('NO hushed');
    });
    const sessions = (await scene().entries(grant.id)).filter(({ type }) => type === 'session.opened');
    expect(sessions).toHaveLength(1);
  });
});
