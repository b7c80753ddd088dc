import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.js';
import { inScratch, grantOpened } from '../recording/testing/recordings.js';
import { RecordingWriter } from '../recording/write/writer.js';
import { Endpoint } from './endpoint.js';
import { GrantRecorder } from './grant-recorder.js';
import { OperationMeter } from './operation-meter.js';
import { OPENED, say, TalkTarget, tellLate, type TalkWishes } from './talk.fixture.js';

interface Held {
  readonly endpoint: Endpoint;
  readonly port: number;
  readonly disk: { hasRoom: boolean };
  /** What was recorded of sessions, without what all entries have. */
  readonly recorded: () => Promise<readonly unknown[]>;
}

/** An endpoint on a real port, with a real recording, and a target that talks in lines. */
async function withEndpoint(
  { sessionsMax, ...wishes }: TalkWishes & { readonly sessionsMax: number },
  work: (held: Held) => Promise<void>,
): Promise<void> {
  await inScratch(async (folder) => {
    const directory = join(folder, 'g');
    const writer = await RecordingWriter.create({ directory, clock: systemClock, durability: 'process' });
    writer.append(grantOpened);
    const disk = { hasRoom: true };
    const kept: Server[] = [];
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = new Endpoint(server, {
      sessionsMax,
      target: new TalkTarget(wishes),
      recorder: new GrantRecorder(writer, disk, new OperationMeter()),
      verifier: () => Promise.resolve(undefined),
      refuse: tellLate,
      keepFor: (listener, onLate) => {
        listener.removeAllListeners('connection');
        listener.on('connection', onLate);
        kept.push(listener);
      },
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const recorded = async (): Promise<readonly unknown[]> => {
      writer.flushNow();
      const lines = (await readFile(join(directory, 'entries.jsonl'), 'utf8')).trimEnd().split('\n').slice(1);
      return lines.map((line): unknown => JSON.parse(line));
    };
    try {
      await work({ endpoint, port: address.port, disk, recorded });
    } finally {
      endpoint.stopAccepting('grant_completed');
      await endpoint.endSessions('grant_completed');
      for (const listener of kept) listener.close();
      await writer.close();
    }
  });
}

it('a client that gets in is a session, numbered and recorded before anything is said to it', async () => {
  await withEndpoint({ sessionsMax: 2 }, async ({ endpoint, port, recorded }) => {
    expect(await say(port, 'in').first).toBe('session 1');
    expect(await say(port, 'in').first).toBe('session 2');
    expect(endpoint.sessionCount).toBe(2);
    expect(await recorded()).toMatchObject([
      { type: 'session.opened', session: 1, client: { address: '127.0.0.1' }, body: OPENED.body },
      { type: 'session.opened', session: 2 },
    ]);
  });
});

it('a session that has ended makes room for another', async () => {
  await withEndpoint({ sessionsMax: 1 }, async ({ endpoint, port }) => {
    const one = say(port, 'in');
    await one.first;
    expect(await say(port, 'in').ended).toEqual(['no: sessions_over_limit']);
    one.hangUp();
    await endpoint.endSessions('grant_completed');
    expect(await say(port, 'in').first).toBe('session 2');
  });
});

it('a connection that asked for something else leaves neither a session nor an entry', async () => {
  await withEndpoint({ sessionsMax: 1 }, async ({ endpoint, port, recorded }) => {
    expect(await say(port, 'bye').ended).toEqual([]);
    expect(endpoint.sessionCount).toBe(0);
    expect(await recorded()).toEqual([]);
  });
});

it('a client that does not get in is told why, and the recording says so', async () => {
  await withEndpoint({ sessionsMax: 1 }, async ({ port, recorded }) => {
    expect(await say(port, 'tls_required').ended).toEqual(['no: tls_required']);
    expect(await recorded()).toMatchObject([{ type: 'session.refused', code: 'tls_required', detail: 'As asked.' }]);
  });
});

it('a wrong credential is answered later than all else that is asked meanwhile', async () => {
  await withEndpoint({ sessionsMax: 2 }, async ({ port }) => {
    const answered: string[] = [];
    const wrong = say(port, 'credential_wrong').ended.then(([line]) => answered.push(String(line)));
    await say(port, 'bye').ended;
    const right = say(port, 'in').first.then((line) => answered.push(line));
    await Promise.all([wrong, right]);
    expect(answered).toEqual(['session 1', 'no: credential_wrong']);
  });
});

it('more connections than may log in at once are turned away before their first word', async () => {
  await withEndpoint({ sessionsMax: 1 }, async ({ endpoint, port }) => {
    const waiting = Array.from({ length: 9 }, () => say(port, undefined));
    expect(await say(port, undefined).ended).toEqual(['no: sessions_over_limit']);
    endpoint.stopAccepting('grant_completed');
    expect(await Promise.all(waiting.map(({ ended }) => ended))).toEqual(waiting.map(() => []));
  });
});

it('no more sessions begin than there may be, however many were let on to the target at once', async () => {
  const { promise: targetAnswers, resolve: answer } = Promise.withResolvers<void>();
  let dialled = 0;
  const everybody = Promise.withResolvers<void>();
  const target = (): Promise<void> => {
    dialled += 1;
    if (dialled === 3) everybody.resolve();
    return targetAnswers;
  };
  await withEndpoint({ sessionsMax: 1, target }, async ({ endpoint, port, recorded }) => {
    const all = [say(port, 'in'), say(port, 'in'), say(port, 'in')];
    await everybody.promise;
    answer();
    const lines = await Promise.all(all.map(({ first }) => first));
    expect(lines.toSorted()).toEqual(['no: sessions_over_limit', 'no: sessions_over_limit', 'session 1']);
    expect(endpoint.sessionCount).toBe(1);
    expect(await recorded()).toMatchObject([
      { type: 'session.opened' },
      { type: 'session.refused', code: 'sessions_over_limit' },
      { type: 'session.refused', code: 'sessions_over_limit' },
    ]);
  });
});

it('a login that reaches the target when the grant is over begins no session', async () => {
  const { promise: targetAnswers, resolve: answer } = Promise.withResolvers<void>();
  const dialled = Promise.withResolvers<void>();
  const target = (): Promise<void> => {
    dialled.resolve();
    return targetAnswers;
  };
  await withEndpoint({ sessionsMax: 1, target }, async ({ endpoint, port, recorded }) => {
    const client = say(port, 'in');
    await dialled.promise;
    endpoint.stopAccepting('grant_revoked');
    await endpoint.endSessions('grant_revoked');
    answer();
    expect(await client.ended).toEqual([]);
    expect(endpoint.sessionCount).toBe(0);
    expect(await recorded()).toEqual([]);
  });
});

it('at the end sessions are told why, and so are those who come later', async () => {
  await withEndpoint({ sessionsMax: 2 }, async ({ endpoint, port }) => {
    const inside = say(port, 'in');
    await inside.first;
    endpoint.stopAccepting('grant_expired', true);
    await endpoint.endSessions('grant_expired');
    expect(await inside.ended).toEqual(['session 1', 'end: grant_expired']);
    expect(endpoint.sessionCount).toBe(0);
    expect(await say(port, undefined).ended).toEqual(['late: grant_expired']);
  });
});

it('nobody gets in when there is no room to record what they do', async () => {
  await withEndpoint({ sessionsMax: 2 }, async ({ port, disk, recorded }) => {
    disk.hasRoom = false;
    expect(await say(port, 'in').ended).toEqual(['no: recording_unavailable']);
    expect(await recorded()).toEqual([]);
  });
});

it('what fails after a session has begun ends that session, and is no refused login', async () => {
  await withEndpoint({ sessionsMax: 1, failsAfterBegin: true }, async ({ port, recorded }) => {
    expect(await say(port, 'in').ended).toEqual(['end: internal']);
    expect(await recorded()).toMatchObject([{ type: 'session.opened', session: 1 }]);
  });
});
