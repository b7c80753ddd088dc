import type { Connection, ResultSetHeader } from 'mysql2/promise';
import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buttonsOf, wordsOfBlocks } from '../../src/apps/quickstart/slack/block-kit/read-out.js';
import type { SlackMessage } from '../../src/apps/quickstart/slack/workspace/messages.js';
import { useBroker } from '../support/broker.js';
import { connectionOptions } from '../support/clients/program.js';
import { untilHeld } from '../support/decide.js';
import { engines } from '../support/engines.js';
import { call } from '../support/grants.js';
import { linkAs, toldIn } from '../support/slack/shown-questions.js';
import { APPROVALS, FIRST, OUTSIDER, SECOND, slackEnvironment, useSlack } from '../support/slack/use-slack.js';
import { makeTarget, openTask, type Task, type TestTarget } from '../support/task.js';

/** Links in messages; nobody follows them here. */
const PUBLIC_URL = 'http://127.0.0.1:8080';
const REASON = 'Reason; the agent is told';
const SHOWN_MS_MAX = 60_000;

/** Orders need anybody, payments one of each group. */
const POLICY = `@id("requests")
permit (principal, action in Action::"request", resource);

@id("reads")
permit (principal, action == Action::"read", resource);

@id("orders")
@warning("Customers see this.")
permit (principal, action in Action::"write", resource is Table)
when { context.approved };

@id("payments-need-both")
@approvers("dba,finance")
@quorum("2")
forbid (principal, action == Action::"delete", resource is Table)
unless { context.approved };
`;

const local = useSlack({ links: [`${PUBLIC_URL}/`, 'http://127.0.0.1:'] });
const broker = useBroker({
  policies: POLICY,
  envOf: () =>
    Promise.resolve({
      worker: { ...slackEnvironment(local.slack), PUBLIC_URL },
      api: { ...slackEnvironment(local.slack), SLACK_APP_TOKEN: local.slack.appToken },
    }),
});

describe.each(engines().slice(0, 1))('a statement that waits, with its question in Slack, on $flavour', (engine) => {
  let target: TestTarget;
  let task: Task;
  const clients: Connection[] = [];

  beforeAll(async () => {
    const { operator } = broker().keys;
    for (const [name, group] of [
      ['dba-person', 'dba'],
      ['finance-person', 'finance'],
    ] as const) {
      const body = { name, kind: 'user', roles: ['approver'], groups: [group] };
      expect((await call(broker(), 'POST', '/v1/principals', { key: operator, body })).status).toBe(201);
    }
    byHttp();
    await linkAs(broker(), local.slack, FIRST, 'dba-person');
    await linkAs(broker(), local.slack, SECOND, 'finance-person');
    target = await makeTarget(broker(), engine, {
      schema: [
        'CREATE TABLE orders (id INT PRIMARY KEY, total INT)',
        'INSERT INTO orders VALUES (1, 10), (2, 20), (3, 30), (4, 40), (5, 50)',
      ],
    });
    task = await openTask(broker(), target);
  }, 120_000);
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    // One that a test which failed has left would be taken for the next one's.
    const { approver: key } = broker().keys;
    const left = await call<{ items: { id: string }[] }>(broker(), 'GET', '/v1/approvals?state=pending', { key });
    const body = { decision: 'deny', reason: 'The test is over' };
    for (const { id } of left.body.items) await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, { key, body });
  });
  afterAll(() => target?.drop());

  function byHttp(): void {
    const { api } = broker();
    local.slack.deliverBy({
      kind: 'http',
      interactivity: `${api}/slack/interactivity`,
      commands: `${api}/slack/commands`,
    });
  }

  /** The statement on its way, held, and its message once the preview stands in it. */
  async function send(statement: string, values?: readonly unknown[]) {
    const client = await mysql.createConnection(await connectionOptions(task.login));
    client.on('error', () => undefined);
    clients.push(client);
    const running =
      values === undefined
        ? client.query<ResultSetHeader>(statement)
        : client.execute<ResultSetHeader>(statement, [...values] as never);
    running.catch(() => {}); // the one who waits for it hears of it
    const [id = ''] = await untilHeld(broker(), task.id);
    const message = await shown(id, (words) => !words.includes('being counted') && !words.includes('is looking'));
    return { id, running, message };
  }

  /** The message of an approval, once its words are as wanted. */
  function shown(id: string, wanted: (words: string) => boolean): Promise<SlackMessage> {
    return local.slack.waitFor(
      () =>
        local.slack
          .messages(APPROVALS)
          .find(({ metadata, blocks }) => metadata?.event_payload['approval'] === id && wanted(wordsOfBlocks(blocks))),
      `the message of ${id} is as wanted`,
      SHOWN_MS_MAX,
    );
  }

  const actionsOf = ({ blocks }: SlackMessage) => buttonsOf(blocks).map(({ action_id: action }) => action);
  const totalOf = async (id: number) =>
    (await target.rootRows(`SELECT total FROM orders WHERE id = ${id}`))[0]?.['total'];

  it('is approved by a click, runs, and the message says what it did', async () => {
    const statement = 'UPDATE orders SET total = 11 /* <!channel> ``` *b* */ WHERE id = 1';
    const { id, running, message } = await send(statement);
    const words = wordsOfBlocks(message.blocks);
    expect(words).toContain(statement);
    expect(words).toContain('1 row of 5 changes (exact)');
    expect(words).toContain('Customers see this.');
    expect(message.text).not.toContain('channel');
    expect(actionsOf(message)).toEqual(['approve', 'deny', 'shape', 'open']);
    expect((await local.slack.click({ user: FIRST, message, action: 'approve' })).status).toBe(200);
    const [{ affectedRows }] = await running;
    expect(affectedRows).toBe(1);
    expect(await totalOf(1)).toBe(11);
    const after = await shown(id, (text) => text.includes('ran: 1 row'));
    expect(wordsOfBlocks(after.blocks)).toContain('dba-person approved');
    expect(actionsOf(after)).toEqual([]);
    expect(after.ts).toBe(message.ts);
  });

  it('shows the values that it is run with', async () => {
    const { running, message } = await send('UPDATE orders SET total = ? WHERE id = ?', [22, 2]);
    expect(wordsOfBlocks(message.blocks)).toMatch(/value 1: .*\b22\nvalue 2: .*\b2\n/);
    await local.slack.click({ user: SECOND, message, action: 'approve' });
    await running;
    expect(await totalOf(2)).toBe(22);
  });

  it('is denied in a form, and its client reads the reason', async () => {
    const { id, running, message } = await send('UPDATE orders SET total = 0 WHERE id = 3');
    await local.slack.click({ user: FIRST, message, action: 'deny' });
    const modal = await local.slack.waitFor(() => local.slack.modals(FIRST)[0], 'the form opens');
    await local.slack.submit({ modal, typed: { [REASON]: 'That order is closed' } });
    await expect(running).rejects.toThrow('That order is closed');
    expect(await totalOf(3)).toBe(30);
    const after = await shown(id, (text) => text.includes('Denied'));
    expect(wordsOfBlocks(after.blocks)).toContain('dba-person denied: That order is closed');
    expect(actionsOf(after)).toEqual([]);
  });

  it('is approved as a shape, and others of the shape run without a question, within its bounds', async () => {
    const { id, running, message } = await send('UPDATE orders SET total = 41 WHERE id = 4');
    await local.slack.click({ user: FIRST, message, action: 'shape' });
    const modal = await local.slack.waitFor(() => local.slack.modals(FIRST)[0], 'the form opens');
    await local.slack.submit({ modal, typed: { 'How many of them': '2', [REASON]: 'Both of them' } });
    await running;
    const client = clients.at(-1);
    await client?.query('UPDATE orders SET total = 51 WHERE id = 5');
    expect([await totalOf(4), await totalOf(5)]).toEqual([41, 51]);
    const after = await shown(id, (text) => text.includes('Used 2 of 2'));
    expect(wordsOfBlocks(after.blocks)).toContain('2 runs of this shape');
  });

  it('of which two groups must approve runs after both have, each in Slack', async () => {
    const { id, running, message } = await send('DELETE FROM orders WHERE id = 3');
    await local.slack.click({ user: FIRST, message, action: 'approve' });
    const half = await shown(id, (text) => text.includes('dba-person approved'));
    expect(wordsOfBlocks(half.blocks)).toContain('still missing: finance');
    expect(actionsOf(half)).toContain('approve');
    await local.slack.click({ user: FIRST, message: half, action: 'approve' });
    await toldIn(local.slack, FIRST, 'approval_answered_by_you');
    expect(await totalOf(3)).toBe(30);
    await local.slack.click({ user: SECOND, message: half, action: 'approve' });
    await running;
    expect(await totalOf(3)).toBeUndefined();
    const after = await shown(id, (text) => text.includes('ran: 1 row'));
    expect(wordsOfBlocks(after.blocks)).toMatch(
      /dba-person approved for dba[\s\S]*finance-person approved for finance/,
    );
  });

  it('is decided by Socket Mode while the connection is renewed', async () => {
    await local.slack.waitFor(
      () => (local.slack.connections.count === 2 ? true : undefined),
      'two connections',
      90_000,
    );
    local.slack.deliverBy({ kind: 'socket' });
    try {
      const { id, running, message } = await send('UPDATE orders SET total = 12 WHERE id = 1');
      local.slack.connections.refresh();
      expect((await local.slack.click({ user: FIRST, message, action: 'approve' })).status).toBe(200);
      await running;
      expect(await totalOf(1)).toBe(12);
      await shown(id, (text) => text.includes('ran: 1 row'));
    } finally {
      byHttp();
    }
  });

  it('is decided by Socket Mode after one of its connections went dead without a word', async () => {
    const { connections } = local.slack;
    await local.slack.waitFor(() => connections.count === 2 || undefined, 'two connections', 90_000);
    const isLeft = connections.makeHalfOpen();
    const isBack = () => (isLeft() && connections.count === 2) || undefined;
    await local.slack.waitFor(isBack, 'the api leaves the dead one and comes again', 120_000);
    local.slack.deliverBy({ kind: 'socket' });
    try {
      const { running, message } = await send('UPDATE orders SET total = 12 WHERE id = 2');
      expect((await local.slack.click({ user: FIRST, message, action: 'approve' })).status).toBe(200);
      await running;
      expect(await totalOf(2)).toBe(12);
    } finally {
      byHttp();
    }
  }, 300_000);

  it('stays as it is when somebody clicks whom the broker does not know, and the page decides', async () => {
    const { id, running, message } = await send('UPDATE orders SET total = 13 WHERE id = 1');
    await local.slack.click({ user: OUTSIDER, message, action: 'approve' });
    await toldIn(local.slack, OUTSIDER, 'slack_not_linked');
    expect(await totalOf(1)).toBe(12);
    const body = { decision: 'deny', reason: 'Not like this' };
    await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, { key: broker().keys.approver, body });
    await expect(running).rejects.toThrow('Not like this');
    const after = await shown(id, (text) => text.includes('Denied'));
    expect(wordsOfBlocks(after.blocks)).toContain('test-approver denied: Not like this');
    await local.slack.click({ user: SECOND, message, action: 'approve' });
    await toldIn(local.slack, SECOND, 'approval_already_decided');
    expect(await totalOf(1)).toBe(12);
  });

  it('that is too long for a message has no button but the way to the page', async () => {
    const long = `UPDATE orders SET total = 1 WHERE id IN (${Array.from({ length: 900 }, (_, at) => 1_000 + at).join(', ')})`;
    const { id, running, message } = await send(long);
    const words = wordsOfBlocks(message.blocks);
    expect(words).toContain('Not the whole statement');
    expect(words).not.toContain('1899');
    expect(actionsOf(message)).toEqual(['open']);
    expect(buttonsOf(message.blocks)[0]?.url).toBe(`${PUBLIC_URL}/approvals/${id}`);
    await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, {
      key: broker().keys.approver,
      body: { decision: 'deny', reason: 'Too long' },
    });
    await expect(running).rejects.toThrow('Too long');
  });
});
