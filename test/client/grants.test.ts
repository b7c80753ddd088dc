import { type Connection, createConnection } from 'mariadb';
import mysql from 'mysql2/promise';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFailure } from '../../src/client/api-failure.js';
import { type ApiRetry, NO_RETRY } from '../../src/client/api-retry.js';
import { connectDoorwarden, type DoorwardenClient } from '../../src/client/doorwarden-client.js';
import { GrantDeniedError, GrantRefusedError, GrantTimedOutError } from '../../src/client/grant-errors.js';
import type { GrantProgress } from '../../src/client/grant-progress.js';
import {
  heldStatement,
  sendApproved,
  StatementRefusedError,
  statementRefusal,
} from '../../src/client/held-statement.js';
import { openGrant } from '../../src/client/open-grant.js';
import { withGrant } from '../../src/client/with-grant.js';
import type { DecisionRequest } from '../../src/contracts/approvals/decision.js';
import type { ConnectionView, GrantRequest } from '../../src/contracts/grants/grant.js';
import { newApiKeyView } from '../../src/contracts/identity/principal.js';
import { newId } from '../../src/domain/ids.js';
import { decide } from '../support/approvals.js';
import { servers } from '../support/engines.js';
import { registerShop, type ShopTarget, untilState } from '../support/grants.js';
import { bodyOf, callAs } from '../support/http.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** By how long a grant is asked for: at once, held for an approver, held for a second, denied. Changes are held. */
const POLICIES = `
@id("short") permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds <= 900 };
@id("long") @hold("10m")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds == 1200 && context.approved };
@id("hasty") @hold("1s")
permit (principal, action == Action::"requestGrant", resource) when { context.ttlSeconds == 1300 && context.approved };
@id("reads") permit (principal, action in [Action::"read", Action::"session"], resource);
@id("changes") @hold("10m") permit (principal, action in Action::"write", resource) when { context.approved };
`;

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
let client: DoorwardenClient;

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb);
  client = clientOf();
});
afterAll(() => shop?.drop());

function clientOf(calls?: typeof fetch, retry?: ApiRetry): DoorwardenClient {
  return connectDoorwarden({ api: broker().api, credential: () => broker().keys.agent, fetch: calls, retry });
}

function requestOf(changed: Partial<GrantRequest> = {}): GrantRequest {
  return { target: shop.name, task: { title: `Count the orders ${newId()}` }, ttlSeconds: 600, ...changed };
}

async function countWith({ dsn }: ConnectionView): Promise<number> {
  const connection = await mysql.createConnection(dsn);
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT COUNT(*) AS number FROM orders');
    return Number(rows[0]?.['number']);
  } finally {
    await connection.end();
  }
}

/** Each runs a statement on a connection of its own; Knex, Drizzle and Prisma have their examples in package.test.ts. */
function driversOf(connection: ConnectionView): readonly (readonly [string, (sql: string) => Promise<unknown>])[] {
  const { host, port, username, password, tls } = connection;
  const database = connection.database ?? '';
  const ssl = { ca: tls.ca };
  const withMariadb = async (work: (opened: Connection) => Promise<unknown>): Promise<void> => {
    const opened = await createConnection({ host, port, user: username, password, database, ssl });
    try {
      await work(opened);
    } finally {
      await opened.end();
    }
  };
  const withMysql2 = async (work: (opened: mysql.Connection) => Promise<unknown>): Promise<void> => {
    const opened = await mysql.createConnection(connection.dsn);
    try {
      await work(opened);
    } finally {
      await opened.end();
    }
  };
  const withTypeorm = async (work: (source: DataSource) => Promise<unknown>): Promise<void> => {
    const source = new DataSource({ type: 'mysql', host, port, username, password, database, ssl });
    await source.initialize();
    try {
      await work(source);
    } finally {
      await source.destroy();
    }
  };
  return [
    ['mysql2, texts', (sql) => withMysql2((opened) => opened.query(sql))],
    ['mysql2, prepared', (sql) => withMysql2((opened) => opened.execute(sql))],
    ['mariadb, texts', (sql) => withMariadb((opened) => opened.query(sql))],
    ['mariadb, prepared', (sql) => withMariadb((opened) => opened.execute(sql))],
    ['TypeORM', (sql) => withTypeorm((source) => source.query(sql))],
  ];
}

/** Decides about the first question that it is told of, once. */
function deciding(body: DecisionRequest): (approval: string) => void {
  let decided: Promise<unknown> | undefined;
  return (approval) => {
    decided ??= decide(broker(), approval, body);
  };
}

/** The same, where a grant is waited for. */
function decidingGrant(body: DecisionRequest): (progress: GrantProgress) => void {
  const once = deciding(body);
  return (progress) => {
    if (progress.kind === 'waits-for-people') once(progress.approval);
  };
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The grants that were asked for with this title, as the broker has them. */
async function grantsOf({ task }: GrantRequest): Promise<readonly { readonly id: string; readonly state: string }[]> {
  const answer = await fetch(`${broker().api}/v1/grants?target=${shop.name}&limit=100`, {
    headers: { authorization: `Bearer ${broker().keys.agent}` },
  });
  const { items } = (await answer.json()) as { items: { id: string; state: string; task: { title: string } }[] };
  return items.filter(({ task: { title } }) => title === task.title);
}

/** A fetch whose answers to such calls are lost so many times, after the API has done what they say. */
function losing(path: RegExp, times: number): { readonly calls: typeof fetch; readonly lost: () => number } {
  let lost = 0;
  const calls: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const isMeant = init?.method === 'POST' && typeof input === 'string' && path.test(input);
    if (!isMeant || lost === times) return answer;
    lost += 1;
    await answer.arrayBuffer();
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('cut'), { code: 'ECONNRESET' }) });
  };
  return { calls, lost: () => lost };
}

describe('a grant', () => {
  it('that nobody is asked about is open at once, works with the driver, and is sealed when it is closed', async () => {
    const told: GrantProgress['kind'][] = [];
    const opened = await openGrant(client, requestOf(), { onProgress: ({ kind }) => told.push(kind) });
    expect(told.at(-1)).toBe('active');
    expect(await countWith(opened.connection)).toBe(3);
    expect(await opened.close({ waitSeconds: 30 })).toMatchObject({ state: 'sealed', closeReason: 'completed' });
    expect((await opened.close()).state).toBe('sealed');
  });

  it('that people are asked about tells whom it waits for, and is open once they approve', async () => {
    const told: GrantProgress[] = [];
    const approve = decidingGrant({ decision: 'approve' });
    const opened = await openGrant(client, requestOf({ ttlSeconds: 1_200 }), {
      onProgress(progress) {
        told.push(progress);
        approve(progress);
      },
    });
    const [first] = told;
    expect(first).toMatchObject({
      kind: 'waits-for-people',
      groups: [],
      quorum: 1,
      approvedBy: [],
      link: expect.stringMatching(new RegExp(`^${broker().api}/approvals/[0-9a-z]{26}$`)),
      askedAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect(told.at(-1)?.kind).toBe('active');
    expect(await countWith(opened.connection)).toBe(3);
    await opened.close();
  });

  it('is waited for with a key that may do no more than ask, look and close; it tells less meanwhile', async () => {
    const { agent } = broker().keys;
    const { principal } = await client.me();
    const scope = ['grant.request', 'grant.read', 'grant.close'];
    const path = `/v1/principals/${principal.name}/keys`;
    const made = await callAs(broker(), 'operator', { path, body: { scope } });
    const { key } = bodyOf(made, newApiKeyView);
    expect(key).not.toBe(agent);
    const narrow = connectDoorwarden({ api: broker().api, credential: key });
    const told: GrantProgress[] = [];
    const approve = decidingGrant({ decision: 'approve' });
    const opened = await openGrant(narrow, requestOf({ ttlSeconds: 1_200 }), {
      onProgress(progress) {
        told.push(progress);
        approve(progress);
      },
    });
    expect(told[0]).toMatchObject({ kind: 'waits-for-people', groups: null, quorum: null, approvedBy: null });
    await opened.close();
  });

  it('that an approver denies is a typed error with the reason', async () => {
    const error = await errorOf(
      openGrant(client, requestOf({ ttlSeconds: 1_200 }), {
        onProgress: decidingGrant({ decision: 'deny', reason: 'Not on a Monday' }),
      }),
    );
    expect(error).toBeInstanceOf(GrantDeniedError);
    expect(error).toMatchObject({ code: 'grant_denied', name: 'GrantDeniedError', grant: { state: 'refused' } });
    expect(String(error)).toContain('Not on a Monday');
  });

  it('that nobody answers about is a typed error', async () => {
    const error = await errorOf(openGrant(client, requestOf({ ttlSeconds: 1_300 })));
    expect(error).toBeInstanceOf(GrantTimedOutError);
    expect(error).toMatchObject({ code: 'grant_approval_timed_out', grant: { state: 'refused' } });
  });

  it('that the policy denies, or that has no target, or a caller without a key, is refused with its code', async () => {
    const denied = await errorOf(openGrant(client, requestOf({ ttlSeconds: 1_000 })));
    expect(denied).toBeInstanceOf(GrantRefusedError);
    expect(denied).toMatchObject({ code: 'grant_request_denied', grant: null, problem: { status: 403 } });
    const unknown = await errorOf(openGrant(client, requestOf({ target: 'nowhere' })));
    expect(unknown).toMatchObject({ name: 'ApiFailure', code: 'target_not_found' });
    const stranger = connectDoorwarden({ api: broker().api, credential: 'dw_no' });
    expect(await errorOf(openGrant(stranger, requestOf()))).toMatchObject({ code: 'unauthenticated' });
    const person = connectDoorwarden({ api: broker().api, credential: broker().keys.approver });
    expect(await errorOf(openGrant(person, requestOf()))).toMatchObject({ code: 'forbidden' });
  });

  it('that is not waited for any more is over before the caller hears of it', async () => {
    const request = requestOf({ ttlSeconds: 1_200 });
    const ends = new AbortController();
    const error = await errorOf(
      openGrant(client, request, { signal: ends.signal, onProgress: () => ends.abort(new Error('enough')) }),
    );
    expect(error).toMatchObject({ message: 'enough' });
    const [grant] = await grantsOf(request);
    await untilState(broker(), grant?.id ?? '', 'refused');
  });

  it('is one grant when the answer to its request is lost', async () => {
    const request = requestOf();
    const { calls, lost } = losing(/\/v1\/grants\?/, 2);
    const opened = await openGrant(clientOf(calls), request);
    expect(lost()).toBe(2);
    expect(await countWith(opened.connection)).toBe(3);
    await opened.close({ waitSeconds: 30 });
    expect((await grantsOf(request)).map(({ id }) => id)).toEqual([opened.grant.id]);
  });

  it('whose connection comes with the answer takes one call, and is asked for again when that is lost', async () => {
    const request = requestOf();
    const { calls, lost } = losing(/\/(v1\/grants|connection)$/, 1);
    const opened = await openGrant(clientOf(calls), request, { connection: 'now' });
    expect(await countWith(opened.connection)).toBe(3);
    expect(opened.grant).not.toHaveProperty('connection');
    await opened.close();
    const all = await grantsOf(request);
    expect(all).toHaveLength(2);
    for (const { id } of all) await untilState(broker(), id, 'sealed');
    expect(lost()).toBe(1);
    const { calls: watched, lost: taken } = losing(/\/connection$/, 1);
    await (await openGrant(clientOf(watched), requestOf(), { connection: 'now' })).close();
    expect(taken()).toBe(0);
  });

  it('is found and closed when no answer to its request comes', async () => {
    const request = requestOf();
    const { calls, lost } = losing(/\/v1\/grants\?/, 1);
    const error = await errorOf(openGrant(clientOf(calls, NO_RETRY), request));
    expect(error).toBeInstanceOf(ApiFailure);
    expect(error).toMatchObject({ code: null, mayHaveArrived: true });
    expect(lost()).toBe(1);
    const [grant, ...others] = await grantsOf(request);
    expect(others).toEqual([]);
    await untilState(broker(), grant?.id ?? '', 'sealed');
  });

  it('that waits for people is found and closed in the same way: nobody is asked any more', async () => {
    const request = requestOf({ ttlSeconds: 1_200 });
    const { calls } = losing(/\/v1\/grants\?/, 1);
    expect(await errorOf(openGrant(clientOf(calls, NO_RETRY), request))).toBeInstanceOf(ApiFailure);
    const [grant] = await grantsOf(request);
    await untilState(broker(), grant?.id ?? '', 'refused');
    expect(await client.listApprovals({ grant: grant?.id, state: 'pending' })).toEqual([]);
  });

  it('is closed when the answer to the close is lost', async () => {
    const request = requestOf();
    const { calls, lost } = losing(/\/close/, 2);
    const opened = await openGrant(clientOf(calls), request);
    expect((await opened.close({ waitSeconds: 30 })).state).toBe('sealed');
    expect(lost()).toBe(2);
    expect((await opened.close()).state).toBe('sealed');
  });

  it('is closed and asked for again when the one answer with its connection is lost', async () => {
    const request = requestOf();
    const opened = await openGrant(clientOf(losing(/\/connection$/, 1).calls), request);
    expect(await countWith(opened.connection)).toBe(3);
    await opened.close();
    const all = await grantsOf(request);
    expect(all).toHaveLength(2);
    for (const { id } of all) await untilState(broker(), id, 'sealed');
  });

  it('that people approved is not asked for again when its connection is lost: the caller is told', async () => {
    const request = requestOf({ ttlSeconds: 1_200 });
    const { calls } = losing(/\/connection$/, 1);
    const error = await errorOf(
      openGrant(clientOf(calls), request, {
        onProgress: decidingGrant({ decision: 'approve' }),
      }),
    );
    expect(error).toBeInstanceOf(ApiFailure);
    const all = await grantsOf(request);
    expect(all).toHaveLength(1);
    await untilState(broker(), all[0]?.id ?? '', 'sealed');
  });
});

describe('work inside of a grant', () => {
  it('gives its result, and leaves the grant sealed', async () => {
    const request = requestOf();
    const options = { client, ...request, sealedWithinSeconds: 30 };
    expect(await withGrant(options, (connection) => countWith(connection))).toBe(3);
    expect((await grantsOf(request)).map(({ state }) => state)).toEqual(['sealed']);
  });

  it('that throws closes the grant too, and its error is the one that counts', async () => {
    const request = requestOf();
    const work = withGrant({ client, ...request }, () => Promise.reject(new Error('my own')));
    await expect(work).rejects.toThrow('my own');
    const [grant] = await grantsOf(request);
    await untilState(broker(), grant?.id ?? '', 'sealed');
  });

  it('that does not look at its signal is left when that is aborted, and the grant is closed', async () => {
    const request = requestOf();
    const ends = new AbortController();
    const work = withGrant({ client, ...request, signal: ends.signal }, () => {
      setImmediate(() => ends.abort(new Error('enough')));
      return new Promise<never>(() => undefined);
    });
    await expect(work).rejects.toThrow('enough');
    const [grant] = await grantsOf(request);
    await untilState(broker(), grant?.id ?? '', 'sealed');
  });
});

describe('a statement that is held', () => {
  const request = (): GrantRequest =>
    requestOf({ onHold: 'error', access: [{ database: shop.database, privileges: ['SELECT', 'UPDATE'] }] });
  const UPDATE = 'UPDATE orders SET total = total + 1 WHERE id = 2';

  it('is a typed hold; once people approve, it is sent once more and runs', async () => {
    await withGrant({ client, ...request() }, async ({ dsn }) => {
      const connection = await mysql.createConnection(dsn);
      const held = heldStatement(await errorOf(connection.query(UPDATE)));
      expect(held).toEqual({ approval: expect.any(String), expiresAt: expect.any(String) });
      const approve = deciding({ decision: 'approve' });
      const [result] = await sendApproved(client, () => connection.query<mysql.ResultSetHeader>(UPDATE), {
        onProgress({ id }) {
          expect(id).toBe(held?.approval);
          approve(id);
        },
      });
      expect(result.affectedRows).toBe(1);
      await connection.end();
    });
  });

  it('is found in the errors of drivers and mappers, and no error of the database is taken for one', async () => {
    await withGrant({ client, ...request() }, async (connection) => {
      for (const [name, run] of driversOf(connection)) {
        const errors = [await errorOf(run(UPDATE)), await errorOf(run('SELECT nothing FROM orders'))];
        expect(
          errors.map((error) => heldStatement(error) !== undefined),
          name,
        ).toEqual([true, false]);
        expect(statementRefusal(errors[1]), name).toBeUndefined();
        expect(String(errors[1]), name).toContain('nothing');
      }
    });
  });

  it('is a typed error when people deny it, with what they said; sent again, the broker says the same', async () => {
    await withGrant({ client, ...request() }, async ({ dsn }) => {
      const connection = await mysql.createConnection(dsn);
      const deny = deciding({ decision: 'deny', reason: 'Use the month’s report' });
      const sent = sendApproved(client, () => connection.query(UPDATE), { onProgress: ({ id }) => deny(id) });
      const error = await errorOf(sent);
      expect(error).toBeInstanceOf(StatementRefusedError);
      expect(error).toMatchObject({ code: 'statement_denied_by_approver', approval: { state: 'denied' } });
      expect(String(error)).toContain('Use the month’s report');
      const again = await errorOf(connection.query(UPDATE));
      expect(statementRefusal(again)?.code).toBe('statement_denied_by_approver');
      await connection.end();
    });
  });
});

it('says who calls and what may be asked for', async () => {
  expect(await client.me()).toMatchObject({ roles: ['agent'] });
  expect((await client.listTargets()).map(({ name }) => name)).toContain(shop.name);
  expect(await client.getTarget(shop.name)).toMatchObject({ name: shop.name, protocol: 'mysql' });
  expect(await errorOf(client.getTarget('no-such-target'))).toMatchObject({ code: 'target_not_found' });
});

it('lists grants, and what people are asked about them', async () => {
  const grant = await client.requestGrant(requestOf({ ttlSeconds: 1_200 }));
  const ofGrant = { grant: grant.id, kind: 'grant' } as const;
  const idsIn = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);
  expect(idsIn(await client.listGrants({ state: 'requested', limit: 1 }))).toEqual([grant.id]);
  expect(idsIn(await client.listGrants({ state: 'sealed' }))).not.toContain(grant.id);
  expect(await client.listApprovals({ ...ofGrant, state: 'pending' })).toMatchObject([{ grant: grant.id }]);
  expect(await client.listApprovals({ ...ofGrant, state: 'denied' })).toEqual([]);
  expect((await client.closeGrant(grant.id)).state).toBe('refused');
  expect((await client.closeGrant(grant.id)).state).toBe('refused');
});
