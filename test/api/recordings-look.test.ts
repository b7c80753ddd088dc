import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrantView } from '../../src/contracts/grants/grant.js';
import type { RecordedResultView, RecordedStatementView } from '../../src/contracts/recordings/recorded-statement.js';
import type { RecordingMarks } from '../../src/contracts/recordings/recording-marks.js';
import type { EntriesPage } from '../../src/contracts/recordings/recording.js';
import { approveNext } from '../support/decide.js';
import { servers } from '../support/engines.js';
import { fetchFromCursor, makeThings, marksThere, TEXTS } from '../support/looked-recording.js';
import { call, openGrant, registerShop, type ShopTarget } from '../support/grants.js';
import { useSharedBroker } from '../support/shared-broker.js';

/** Reads and inserts run, updates wait for people, and nothing permits a DELETE. */
const POLICIES = `
@id("most") permit (principal, action, resource)
unless { action in [Action::"update", Action::"delete"] };
@id("updates") @hold("5m") permit (principal, action == Action::"update", resource) when { context.approved };
`;

const broker = useSharedBroker(POLICIES);
let shop: ShopTarget;
/** A grant whose recording goes on until the end of the file, and the same statements in one that is sealed. */
let live: Recorded;
let sealed: Recorded;

interface Recorded {
  readonly id: string;
  /** The number of the statement with such a text. */
  readonly numberOf: (text: string) => number;
  readonly client: mysql.Connection;
}

beforeAll(async () => {
  shop = await registerShop(broker(), servers().mariadb, {
    privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE'],
  });
  await makeThings(servers().mariadb, shop.database);
  [live, sealed] = await Promise.all([record(), record()]);
  await sealed.client.end();
  const closed = await call<GrantView>(broker(), 'POST', `/v1/grants/${sealed.id}/close?wait=20`, {
    key: broker().keys.agent,
  });
  expect(closed.body.state).toBe('sealed');
});
afterAll(async () => {
  await live?.client.end();
  await shop?.drop();
});

async function record(): Promise<Recorded> {
  const { id, connection } = await openGrant(broker(), shop.name, {
    access: [{ database: shop.database, privileges: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE'] }],
  });
  const { host, port, username: user, password, database } = connection;
  const client = await mysql.createConnection({
    host,
    port,
    user,
    password,
    ...(database === null ? {} : { database }),
  });
  for (const text of [TEXTS.rows, TEXTS.several, TEXTS.insert, TEXTS.many, TEXTS.long]) await client.query(text);
  await client.execute(TEXTS.prepared, [2]);
  for (const text of [TEXTS.wrong, TEXTS.denied]) await expect(client.query(text)).rejects.toThrow();
  await Promise.all([client.query(TEXTS.held), approveNext(broker(), id)]);
  await fetchFromCursor(connection);
  const { body } = await read<EntriesPage>(`/${id}/entries?limit=1000`);
  const numbers = new Map(
    body.items
      .filter(({ type, name }) => type === 'operation' && name !== 'COM_STMT_PREPARE')
      .map((entry) => [String(Reflect.get(Object(entry['body']), 'text')), Number(entry['operation'])]),
  );
  return { id, client, numberOf: (text) => numbers.get(text) ?? 0 };
}

function read<Body>(path: string, key = broker().keys.reviewer) {
  return call<Body>(broker(), 'GET', `/v1/recordings${path}`, { key });
}

async function eachRecording(use: (recorded: Recorded, state: 'recording' | 'sealed') => Promise<void>): Promise<void> {
  await use(live, 'recording');
  await use(sealed, 'sealed');
}

async function resultOf({ id, numberOf }: Recorded, text: string, query = ''): Promise<RecordedResultView> {
  const { status, body } = await read<RecordedResultView>(`/${id}/statements/${numberOf(text)}/result${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

async function statementOf({ id, numberOf }: Recorded, text: string): Promise<RecordedStatementView> {
  const { status, body } = await read<RecordedStatementView>(`/${id}/statements/${numberOf(text)}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('the marks of a recording', () => {
  it('lead to writes, held and denied statements, errors and sessions, while it goes on and when it is sealed', async () => {
    await eachRecording(async ({ id, numberOf }, state) => {
      const { body } = await read<RecordingMarks>(`/${id}/marks`);
      const kinds = (text: string) =>
        body.marks.filter(({ operation }) => operation === numberOf(text)).map(({ kind }) => kind);
      expect(kinds(TEXTS.held).toSorted()).toEqual(['held', 'write']);
      expect(kinds(TEXTS.insert)).toEqual(['write']);
      expect(kinds(TEXTS.several), 'what a CALL does is not known').toEqual(['write']);
      expect(kinds(TEXTS.denied)).toEqual(['denied']);
      expect(kinds(TEXTS.wrong)).toEqual(['error']);
      expect(kinds(TEXTS.rows)).toEqual([]);
      expect(body).toMatchObject({
        state,
        counts: { writes: 3, held: 1, denied: 1, sessions: 2 },
        thinned: [],
        lacks: { cutAnswers: 0, unknownOutcomes: 0, interrupted: false, damage: null },
      });
      const { body: page } = await read<EntriesPage>(`/${id}/entries?limit=1000`);
      expect(body.entries).toBe(page.items.length);
      expect(body.statements).toBe(page.items.filter(({ type }) => type === 'operation').length);
      expect(body.density.reduce((sum, count) => sum + count, 0)).toBe(body.statements);
      for (const { seq, operation } of body.marks) {
        if (operation !== null) expect(page.items[seq - 1]).toMatchObject({ seq, type: 'operation', operation });
      }
    });
  });

  it('grow with a recording that goes on', async () => {
    const before = await read<RecordingMarks>(`/${live.id}/marks`);
    await live.client.query(TEXTS.insert);
    const after = await read<RecordingMarks>(`/${live.id}/marks`);
    expect(after.body.counts.writes).toBe(before.body.counts.writes + 1);
    expect(after.body.entries).toBeGreaterThan(before.body.entries);
  });

  it('stand beside the sealed file, are not believed for another one, and are made again where they are lost', async () => {
    const written = JSON.parse(await readFile(await marksThere(broker(), sealed.id), 'utf8'));
    const { body } = await read<RecordingMarks>(`/${sealed.id}/marks`);
    expect(body).toMatchObject(written.marks);
    const other = await recordOne();
    await writeFile(await marksThere(broker(), other), JSON.stringify(written));
    const { body: ofOther } = await read<RecordingMarks>(`/${other}/marks`);
    expect(ofOther.entries).toBeLessThan(body.entries);
    const third = await recordOne();
    await rm(await marksThere(broker(), third));
    expect(await read<RecordingMarks>(`/${third}/marks`)).toMatchObject({
      status: 200,
      body: { statements: ofOther.statements, state: 'sealed' },
    });
  });
});

/** A small task from its grant to its seal. */
async function recordOne(): Promise<string> {
  const { id, connection } = await openGrant(broker(), shop.name);
  const { host, port, username: user, password, database } = connection;
  const client = await mysql.createConnection({
    host,
    port,
    user,
    password,
    ...(database === null ? {} : { database }),
  });
  await client.query('SELECT total FROM orders');
  await client.end();
  await call(broker(), 'POST', `/v1/grants/${id}/close?wait=20`, { key: broker().keys.agent });
  return id;
}

describe('entries that are sought', () => {
  it('are those of a type, a verdict or a session, and pages go backwards from the end', async () => {
    await eachRecording(async ({ id, numberOf }) => {
      const found = async (query: string) => (await read<EntriesPage>(`/${id}/entries?${query}`)).body;
      const held = await found('verdict=hold');
      expect(held.items).toMatchObject([{ type: 'operation', operation: numberOf(TEXTS.held), verdict: 'hold' }]);
      const asked = await found('type=approval.asked,approval.decided,forwarded');
      expect(asked.items.map(({ type }) => type)).toEqual(['approval.asked', 'approval.decided', 'forwarded']);
      expect((await found('type=session.opened&session=2')).items).toMatchObject([{ session: 2 }]);
      const { items: all } = await found('limit=1000');
      const last = await found(`before=${Number.MAX_SAFE_INTEGER}&limit=2`);
      expect(last.items).toEqual(all.slice(-2));
      expect(last.previous).toBe(all.length - 1);
      expect((await found(`before=${last.previous}&limit=2`)).items).toEqual(all.slice(-4, -2));
      expect((await found('from=3&before=5')).items).toEqual(all.slice(2, 4));
    });
  });

  it('are told in the words of their protocol', async () => {
    const { body } = await read<EntriesPage>(`/${sealed.id}/entries?limit=1000&told=true`);
    const toldOf = (text: string, type: string) =>
      body.told?.[body.items.findIndex((item) => item['type'] === type && item['operation'] === sealed.numberOf(text))];
    expect(body.told).toHaveLength(body.items.length);
    expect(toldOf(TEXTS.held, 'operation')).toMatchObject({
      effect: 'change',
      line: TEXTS.held,
      title: `UPDATE ${shop.database}.orders`,
    });
    expect(toldOf(TEXTS.held, 'result')).toMatchObject({ cameTo: '1 row changed', changed: 1, rows: 0 });
    expect(toldOf(TEXTS.many, 'result')).toMatchObject({ cameTo: '250 rows read', changed: 0, rows: 250 });
    expect(body.told?.[0]).toMatchObject({ title: expect.stringContaining(sealed.id), line: null, effect: null });
  });

  it.each(['type=nothing', 'verdict=maybe', 'before=0', 'from=0', 'told=yes', 'session=x', 'limit=1001'])(
    'are refused where the question is not one: %s',
    async (query) => {
      expect(await read(`/${sealed.id}/entries?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'request_invalid' },
      });
    },
  );
});

describe('a statement of a recording', () => {
  it('says how it was judged, who decided, what it was lent, what came of it, and that the chain holds', async () => {
    await eachRecording(async (recorded) => {
      const held = await statementOf(recorded, TEXTS.held);
      expect(held).toMatchObject({
        text: TEXTS.held,
        database: shop.database,
        name: 'COM_QUERY',
        verdict: 'hold',
        policies: ['default#updates'],
        approval: {
          approvers: [],
          quorum: 1,
          again: false,
          decided: { outcome: 'approved', decisions: [{ by: 'test-approver', decision: 'approve', reason: null }] },
        },
        forwarded: { given: [expect.stringContaining('UPDATE')] },
        result: { outcome: 'ok', told: { changed: 1 }, error: null },
        noResult: null,
        chain: { holds: true, after: true },
      });
      const { arrivedUs, judgedUs, decidedUs, forwardedUs, answeredUs } = held.times;
      const times = [arrivedUs, judgedUs, decidedUs, forwardedUs, answeredUs].map(Number);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      const denied = await statementOf(recorded, TEXTS.denied);
      expect(denied).toMatchObject({
        verdict: 'deny',
        noResult: null,
        result: { outcome: 'error', error: { code: '1227', state: '42000' }, response: null },
        forwarded: null,
        approval: null,
      });
      expect(denied.why).toBeTruthy();
      expect(await statementOf(recorded, TEXTS.wrong)).toMatchObject({
        result: {
          outcome: 'error',
          error: { code: '1054', state: '42S22', message: expect.stringContaining('nothing') },
        },
      });
      expect(await statementOf(recorded, TEXTS.prepared)).toMatchObject({
        name: 'COM_STMT_EXECUTE',
        values: [{ form: 'number', value: '2' }],
        rowsOfValues: null,
      });
    });
  });

  it('is not found where there is none', async () => {
    for (const path of ['statements/9999', 'statements/9999/result']) {
      expect(await read(`/${sealed.id}/${path}`)).toMatchObject({
        status: 404,
        body: { code: 'recording_statement_not_found' },
      });
    }
    expect(await read(`/${sealed.id}/statements/x`)).toMatchObject({ status: 400 });
  });
});

describe('the answer to a statement', () => {
  it('is decoded with names and types; NULL, the empty text, bytes and text that looks like bytes are told apart', async () => {
    await eachRecording(async (recorded) => {
      const { results, rows, ...rest } = await resultOf(recorded, TEXTS.rows);
      const [head] = results;
      expect(
        head?.kind === 'rows' ? head.columns.map(({ name, type, numeric }) => [name, type, numeric]) : head,
      ).toEqual([
        ['id', 'long unsigned', true],
        ['name', 'var_string utf8mb4', false],
        ['data', 'blob binary', false],
        ['price', 'newdecimal', true],
        ['made', 'datetime', false],
        ['bits', 'bit unsigned', true],
        ['kind', 'enum', false],
        ['doc', 'json', false],
        ['latin', 'var_string utf8mb4', false],
      ]);
      expect(rows).toEqual([
        ['1', null, null, null, null, null, null, null, null],
        ['2', '', { hex: '', bytes: 0 }, '1.50', '2026-01-31 12:00:00.125', '5', 'b', '{"a": 1}', 'é'],
        ['3', '0x61', { hex: '61', bytes: 1 }, '0.00', '0000-00-00 00:00:00.000', '0', 'a', '[]', ''],
        ['4', 'é\u202e', { hex: '00ff', bytes: 2 }, '-1.00', '2026-01-31 00:00:00.000', '0', 'a', '[]', ''],
      ]);
      expect(rest).toMatchObject({
        outcome: 'ok',
        page: 1,
        pages: 1,
        result: 1,
        whole: true,
        unreadable: null,
        error: null,
      });
      expect(rest.response?.kept).toBe(rest.response?.bytes);
      const prepared = await resultOf(recorded, TEXTS.prepared);
      expect(prepared.rows).toEqual(rows.slice(1).map(([id, name, data]) => [name, data, id]));
    });
  });

  it('has several results where the statement had them, and a hundred rows a page', async () => {
    await eachRecording(async (recorded) => {
      const first = await resultOf(recorded, TEXTS.several);
      expect(first.results).toMatchObject([
        { kind: 'rows', rows: 1, columns: [{ name: 'one' }], complete: true },
        { kind: 'rows', rows: 1, columns: [{ name: 'two' }, { name: 'none' }], complete: true },
        { kind: 'done', changed: '0', insertId: null },
      ]);
      expect(first.rows).toEqual([['1']]);
      expect((await resultOf(recorded, TEXTS.several, '?result=2')).rows).toEqual([['two', null]]);
      for (const beyond of ['?result=3', '?result=9']) {
        expect(await resultOf(recorded, TEXTS.several, beyond)).toMatchObject({ rows: [], pages: 0 });
      }
      const pages = await Promise.all(
        ['', '?page=2', '?page=3', '?page=4'].map((query) => resultOf(recorded, TEXTS.many, query)),
      );
      expect(pages.map(({ rows }) => rows.length)).toEqual([100, 100, 50, 0]);
      expect(pages.flatMap(({ rows }) => rows.flat())).toEqual(
        Array.from({ length: 250 }, (_, index) => String(index + 1)),
      );
      expect(pages[0]?.pages).toBe(3);
    });
  });

  it('has the beginning of long values and says how long they are', async () => {
    const { rows } = await resultOf(sealed, TEXTS.long);
    expect(rows).toEqual([
      [
        { text: 'x'.repeat(8_192), bytes: 100_000 },
        { hex: '00'.repeat(4_096), bytes: 100_000 },
      ],
    ]);
  });

  it('has what its client was told where there are no rows', async () => {
    expect(await resultOf(sealed, TEXTS.denied)).toMatchObject({
      unreadable: 'nothing-kept',
      error: { message: expect.stringContaining('The policy denies this statement') },
    });
    expect(await resultOf(sealed, TEXTS.wrong)).toMatchObject({
      outcome: 'error',
      results: [],
      rows: [],
      error: { code: '1054', state: '42S22' },
      whole: true,
    });
  });

  it('goes on in later results where the client fetched the rows from a cursor', async () => {
    await eachRecording(async (recorded) => {
      const { fetches, result } = await statementOf(recorded, TEXTS.cursor);
      expect(fetches.map(({ rows }) => rows)).toEqual([2, 2]);
      expect(await resultOf(recorded, TEXTS.cursor)).toMatchObject({ results: [{ kind: 'rows', rows: 0 }], rows: [] });
      const fetched = await Promise.all(fetches.map(({ seq }) => resultOf(recorded, TEXTS.cursor, `?entry=${seq}`)));
      expect(fetched.flatMap(({ rows }) => rows)).toEqual([
        ['1', null],
        ['2', ''],
        ['3', '0x61'],
        ['4', 'é\u202e'],
      ]);
      const foreign = await read(
        `/${recorded.id}/statements/${recorded.numberOf(TEXTS.many)}/result?entry=${result?.seq}`,
      );
      expect(foreign).toMatchObject({ status: 404, body: { code: 'recording_statement_not_found' } });
    });
  });
});

describe('what cannot be read', () => {
  const looks = (): readonly string[] => {
    const number = sealed.numberOf(TEXTS.rows);
    return ['marks', `statements/${number}`, `statements/${number}/result`, 'entries?verdict=hold', 'events'];
  };

  it('is said in words where the sealed file is gone, cut or another', async () => {
    const place = join(broker().recordingsFolder, `${sealed.id}.tar`);
    const kept = `${place}.kept`;
    await rename(place, kept);
    try {
      for (const look of looks()) {
        expect(await read(`/${sealed.id}/${look}`), look).toMatchObject({
          status: 404,
          body: { code: 'recording_not_found', detail: expect.stringContaining('no longer where the broker keeps') },
        });
      }
      await copyFile(kept, place);
      await truncate(place, 4_096);
      for (const look of looks()) {
        expect(await read(`/${sealed.id}/${look}`), look).toMatchObject({
          status: 500,
          body: { code: 'recording_mismatch' },
        });
      }
    } finally {
      await rename(kept, place);
    }
    expect(await read(`/${sealed.id}/marks`)).toMatchObject({ status: 200 });
  });

  it('is not found, or not for the role', async () => {
    const none = '01arz3ndektsv4rrffq69g5fav';
    for (const look of looks()) {
      expect(await read(`/${none}/${look}`)).toMatchObject({ status: 404, body: { code: 'recording_not_found' } });
      for (const role of ['agent', 'approver', 'operator'] as const) {
        expect(await read(`/${sealed.id}/${look}`, broker().keys[role])).toMatchObject({ status: 403 });
      }
    }
  });

  it('is looked at with an entry in the administrative record', async () => {
    for (const look of ['marks', 'statements/1', 'statements/1/result', 'entries?told=true']) {
      const id = await recordOne();
      expect(await read(`/${id}/${look}`), look).toMatchObject({ status: 200 });
      const path = `/v1/record?subject=${id}&act=recording.read`;
      const { body } = await call<{ items: object[] }>(broker(), 'GET', path, { key: broker().keys.reviewer });
      expect(body.items, look).toMatchObject([{ act: 'recording.read', who: { name: 'test-reviewer' } }]);
    }
  });
});
