import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { newApprovalId } from '../../src/domain/ids.js';
import { type EventStream, openEventStream } from '../support/event-stream.js';
import { call } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';
import { useSharedBroker } from '../support/shared-broker.js';
import type { StatementPreview } from '../../src/protocols/sql/statement-preview.js';

const broker = useSharedBroker('default');
const questions = useQuestions(broker);
const streams: EventStream[] = [];

afterAll(() => {
  for (const stream of streams) stream.close();
});

describe('the live view', () => {
  async function follow(key = broker().keys.approver): Promise<EventStream> {
    const stream = await openEventStream(`${broker().api}/v1/approvals/events`, key);
    streams.push(stream);
    return stream;
  }

  const of = (id: string) => (event: { readonly data: unknown }) => Reflect.get(Object(event.data), 'id') === id;

  it('begins with all that waits, then says what is asked, shown, decided, timed out and cancelled', async () => {
    const before = await questions().ask();
    const stream = await follow();
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const first = await stream.next();
    expect(first.event).toBe('pending');
    expect(JSON.stringify(first.data)).toContain(before);

    const grant = await questions().activeGrant();
    const id = await questions().ask({ grant });
    expect(await stream.next(of(id))).toMatchObject({ event: 'asked', data: { canDecide: { allowed: true } } });
    const preview: StatementPreview = {
      takenAtMs: 1,
      tables: [],
      affected: { kind: 'unknown', why: 'It took too long.' },
      sample: null,
      triggers: [],
      cascades: [],
      locks: null,
    };
    await questions().desk.show(id, preview);
    expect(await stream.next(of(id))).toMatchObject({ event: 'updated' });
    await questions().decide(id, { decision: 'approve' });
    expect(await stream.next(of(id))).toMatchObject({ event: 'decided', data: { state: 'approved' } });
    const late = await questions().ask({ expiresAtMs: Date.now() + 50 });
    expect(await stream.next(of(late))).toMatchObject({ event: 'asked' });
    expect(await stream.next(of(late))).toMatchObject({ event: 'timed-out' });
    await questions().revoke(grant);
    expect(await stream.next(of(id))).toMatchObject({ event: 'cancelled' });
  });

  it('shows an agent its own alone', async () => {
    const stream = await follow(broker().keys.agent);
    const others = await questions().ask({}, { principalId: newApprovalId() });
    const own = await questions().ask();
    const seen: unknown[] = [];
    await stream.next((event) => {
      seen.push(event.data);
      return of(own)(event);
    });
    expect(JSON.stringify(seen)).not.toContain(others);
  });

  it('says that it is alive where nothing else comes', { timeout: 120_000 }, async () => {
    const stream = await follow();
    await stream.next();
    await stream.alive();
  });

  it('ends when its key is revoked', async () => {
    const name = `approver-${newApprovalId()}`;
    const key = await questions().newApprover([], name);
    const stream = await follow(key);
    await stream.next();
    const id = key.split('_')[1];
    await call(broker(), 'DELETE', `/v1/principals/${name}/keys/${String(id)}`, { key: broker().keys.operator });
    await questions().ask();
    await stream.ended();
  });

  it('has room for twenty of one principal, again when they have left, and never takes that of others', async () => {
    const key = await questions().newApprover();
    const own = await Promise.all(Array.from({ length: 20 }, () => follow(key)));
    expect(own.map(({ status }) => status)).toEqual(own.map(() => 200));
    expect((await follow(key)).status).toBe(503);
    expect((await follow()).status).toBe(200);
    for (const stream of own) stream.close();
    await expect.poll(async () => (await follow(key)).status, { timeout: 45_000 }).toBe(200);
  });

  it('hangs up on who does not read', { timeout: 60_000 }, async () => {
    const target = `t-${newApprovalId()}`;
    const grant = await questions().activeGrant({ targetName: target });
    const text = (number: number) => `UPDATE orders SET total = ${number} -- ${'\u202e'.repeat(380)}`;
    for (let number = 0; number < 50; number += 1) await questions().ask({ grant, text: text(number) });
    const { hostname, port } = new URL(broker().api);
    const socket = connect({ host: hostname, port: Number(port) });
    let isHungUp = false;
    socket.once('error', () => (isHungUp = true));
    socket.pause();
    socket.write(
      `GET /v1/approvals/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${broker().keys.approver}\r\n\r\n`,
    );
    const now = 'FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)';
    const change = `UPDATE approvals SET revision = revision + 1, changed_at = ${now} WHERE target_name = ?`;
    // Each round has some 200 KB for everybody who follows; what the systems between keep of it is full in the end.
    const goOn = async (): Promise<boolean> => {
      await questions().source.query(change, [target]);
      await questions().announce(newApprovalId(), 'pending');
      if (!isHungUp) socket.write('\r\n'); // what HTTP lets be between requests
      return isHungUp;
    };
    await expect.poll(goOn, { timeout: 50_000, interval: 20 }).toBe(true);
    await questions().revoke(grant);
  });

  it('is for those who may see approvals', async () => {
    const stream = await openEventStream(`${broker().api}/v1/approvals/events`, 'dw_nobody');
    expect(stream.status).toBe(401);
    stream.close();
  });
});
