import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  recordEntryPage,
  type RecordEntryView,
  recordVerificationView,
} from '../../src/contracts/broker/admin-record.js';
import { AdminRecord } from '../../src/control/record/admin-record.js';
import { systemClock } from '../../src/kernel/clock.js';
import { AdminRecordRepository } from '../../src/persistence/record/admin-record.repository.js';
import { createStateSource, type StateSource } from '../../src/persistence/state/data-source.js';
import { useBroker } from '../support/broker.js';
import { call } from '../support/grants.js';
import { useQuestions } from '../support/questions.js';

const broker = useBroker({
  apis: 2,
  gateways: 1,
  policies: 'default',
  env: { RECORD_CHECKPOINT_SECONDS: '1', REAP_EVERY_SECONDS: '1', LIMIT_CALLS_PER_MINUTE: '100000' },
});
const questions = useQuestions(broker);
/** Long enough for a slow machine; what is waited for comes within seconds. */
const WAIT_MS = 90_000;
let source: StateSource;

beforeAll(async () => {
  source = await createStateSource(broker().stateDatabaseUrl).initialize();
});
afterAll(async () => source?.destroy());

async function entries(query: string): Promise<readonly RecordEntryView[]> {
  const { body } = await call(broker(), 'GET', `/v1/record?${query}`, { key: broker().keys.reviewer });
  return recordEntryPage.parse(body).items;
}

async function verification() {
  const { body } = await call(broker(), 'GET', '/v1/record/verification', { key: broker().keys.operator });
  return recordVerificationView.parse(body);
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = systemClock.nowMs() + WAIT_MS; systemClock.nowMs() < endMs;) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(100);
  }
  throw new Error('It did not come.');
}

/** Makes a principal by one of the apis; undefined when that api is not there. */
async function make(name: string, api: string): Promise<number | undefined> {
  const response = await fetch(`${api}/v1/principals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${broker().keys.operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, kind: 'user', roles: ['reviewer'] }),
  }).catch(() => undefined);
  return response?.status;
}

/** Names of the principals that there are, and of those that have an entry: each once. */
async function madeAndRecorded(prefix: string): Promise<readonly [readonly string[], readonly string[]]> {
  const like = [`${prefix}%`];
  const made: readonly { readonly name: string }[] = await source.query(
    'SELECT name FROM principals WHERE name LIKE ?',
    like,
  );
  const recorded: readonly { readonly name: string }[] = await source.query(
    "SELECT subject_name AS name FROM record_entries WHERE act = 'principal.made' AND subject_name LIKE ?",
    like,
  );
  return [made.map(({ name }) => name).toSorted(), recorded.map(({ name }) => name).toSorted()];
}

describe('two apis that write at once', () => {
  it('keep one chain, with an entry for every act', async () => {
    const apis = [broker().url('api'), broker().url('api-2')];
    const lanes = apis.flatMap((api, number) => [1, 2].map((lane) => ({ api, name: `both-${number}-${lane}` })));
    await Promise.all(
      lanes.map(async ({ api, name }) => {
        for (let turn = 0; turn < 10; turn += 1) expect(await make(`${name}-${turn}`, api)).toBe(201);
      }),
    );
    const [made, recorded] = await madeAndRecorded('both-');
    expect(made).toHaveLength(40);
    expect(recorded).toEqual(made);
    expect(await verification()).toMatchObject({ ok: true });
  });

  it('leave no act without its entry when one is killed in between, and the other goes on', async () => {
    const [killed, other] = [broker().url('api'), broker().url('api-2')];
    const dead = new AbortController();
    const lanes = [killed, killed, other].map(async (api, number) => {
      for (let turn = 0; turn < 200 && !(dead.signal.aborted && turn > 5); turn += 1)
        await make(`killed-${number}-${turn}`, api);
    });
    await until(async () => ((await madeAndRecorded('killed-'))[0].length > 10 ? true : undefined));
    await broker().kill('api');
    dead.abort();
    await Promise.all(lanes);
    expect(await make('killed-after', other)).toBe(201);
    const [made, recorded] = await madeAndRecorded('killed-');
    expect(made.length).toBeGreaterThan(10);
    expect(recorded).toEqual(made);
    await broker().restart('api');
    expect(await verification()).toMatchObject({ ok: true });
  });

  it('refuse what the record cannot take, until it can again', async () => {
    await source.query('RENAME TABLE record_head TO head_away');
    try {
      const { status, body } = await call(broker(), 'POST', '/v1/principals', {
        key: broker().keys.operator,
        body: { name: 'unrecorded', kind: 'user', roles: ['reviewer'] },
      });
      expect({ status, body }).toMatchObject({ status: 503, body: { code: 'record_unavailable' } });
      const look = await call(broker(), 'GET', '/v1/recordings?target=nowhere', { key: broker().keys.reviewer });
      expect(look).toMatchObject({ status: 503, body: { code: 'record_unavailable' } });
    } finally {
      await source.query('RENAME TABLE head_away TO record_head');
    }
    expect((await madeAndRecorded('unrecorded'))[0]).toEqual([]);
    expect(await make('recorded-again', broker().url('api'))).toBe(201);
  });
});

describe('people who decide', () => {
  it('have an entry for the preview that they saw, once, and one for their decision, without the statement', async () => {
    const id = await questions().ask({ text: "UPDATE orders SET note = 'a secret of the shop' WHERE id = 1" });
    await source.query('UPDATE approvals SET preview = ? WHERE id = ?', [JSON.stringify(PREVIEW), id]);
    const approver = { key: broker().keys.approver };
    for (const _ of [1, 2]) await call(broker(), 'GET', `/v1/approvals/${id}`, approver);
    await call(broker(), 'GET', `/v1/approvals/${id}`, { key: broker().keys.operator });
    const seen = await entries(`act=approval.preview-seen&subject=${id}`);
    expect(seen).toMatchObject([{ who: { name: 'test-approver' }, after: { target: 'shop', kind: 'statement' } }]);
    const body = { decision: 'deny', reason: 'Not today' };
    expect((await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, { ...approver, body })).status).toBe(200);
    expect((await call(broker(), 'POST', `/v1/approvals/${id}/decisions`, { ...approver, body })).status).toBe(409);
    const decided = await entries(`act=approval.decided&subject=${id}`);
    expect(decided).toMatchObject([
      { before: { state: 'pending' }, after: { state: 'denied', decision: 'deny' }, why: 'Not today' },
    ]);
    expect(JSON.stringify([...seen, ...decided])).not.toContain('a secret of the shop');
  });
});

describe('sign-ins that are refused', () => {
  it('are one entry for each address and check, and one with the count when ten minutes are over', async () => {
    const record = new AdminRecord(new AdminRecordRepository(source));
    const refuse = (from: string, code: string) =>
      record.noteRefusal({
        act: 'sign-in.refused',
        by: { name: 'somebody', signIn: 'session:okta' },
        subject: { kind: 'provider', name: 'okta' },
        code,
        from,
      });
    for (let time = 0; time < 6; time += 1) await refuse('192.0.2.1', 'signature');
    await refuse('192.0.2.1', 'audience');
    await refuse('2001:db8::1', 'signature');
    await refuse('2001:db8::2', 'signature');
    const first = await entries('act=sign-in.refused');
    expect(first.map(({ from, code, count }) => ({ from, code, count }))).toEqual([
      { from: '2001:db8::1', code: 'signature', count: 1 },
      { from: '192.0.2.1', code: 'audience', count: 1 },
      { from: '192.0.2.1', code: 'signature', count: 1 },
    ]);
    expect(first[0]).toMatchObject({ outcome: 'refused', who: { principal: null, name: 'somebody' } });
    // Time is the database's: what was counted for ten minutes is over.
    await source.query('UPDATE record_repeats SET until_at = 1');
    const counted = await until(async () => {
      const found = await entries('act=sign-in.refused');
      return found.length >= 5 ? found : undefined;
    });
    expect(counted.slice(0, 2).map(({ from, code, count }) => ({ from, code, count }))).toEqual(
      expect.arrayContaining([
        { from: '192.0.2.1', code: 'signature', count: 5 },
        { from: '2001:db8::1', code: 'signature', count: 1 },
      ]),
    );
    await until(async () => {
      const rows = await source.query('SELECT 1 FROM record_repeats WHERE until_at = 1');
      return rows.length === 0 ? true : undefined;
    });
  });

  it('from ever more addresses are counted together', async () => {
    const record = new AdminRecord(new AdminRecordRepository(source));
    const before = (await entries('act=token.refused')).length;
    for (let address = 0; address < 120; address += 1) {
      await record.noteRefusal({
        act: 'token.refused',
        by: { name: null, signIn: 'token:ci' },
        subject: { kind: 'provider', name: 'ci' },
        code: 'signature',
        from: `198.51.100.${address}`,
      });
    }
    const rows = await source.query("SELECT COUNT(*) AS n FROM record_entries WHERE act = 'token.refused'");
    expect(Number(rows[0].n)).toBeLessThanOrEqual(before + 101);
    const [together] = await entries('act=token.refused');
    expect(together).toMatchObject({ code: 'many-addresses', from: null });
  });
});

describe('the end of the record', () => {
  it('that is cut off, its head set back, is missed by the checkpoint, and the worker signs no more', async () => {
    await until(async () => {
      const report = await verification();
      return report.ok && report.unsigned === 0 ? true : undefined;
    });
    const [{ seq }] = await source.query('SELECT CAST(MAX(seq) AS DOUBLE) AS seq FROM record_checkpoints');
    const last = Number(seq);
    await source.query('DELETE FROM record_entries WHERE seq >= ?', [last - 1]);
    await source.query(
      'UPDATE record_head SET seq = ?, hash = (SELECT hash FROM record_entries WHERE record_entries.seq = ?) WHERE id = 1',
      [last - 2, last - 2],
    );
    // Looks write entries themselves: they take the numbers of those that are missing, and are not what was signed for.
    const report = await verification();
    expect(report).toMatchObject({ ok: false });
    if (!report.ok) expect(report.problem.entry).toBeGreaterThanOrEqual(last - 1);
    await until(async () => {
      const metrics = await (await fetch(`${broker().url('worker')}/metrics`)).text();
      return metrics.includes('doorwarden_record_damaged 1') ? true : undefined;
    });
    const [signed] = await source.query('SELECT CAST(MAX(seq) AS DOUBLE) AS seq FROM record_checkpoints');
    expect(Number(signed.seq)).toBe(last);
  });
});

const PREVIEW = {
  takenAtMs: 1,
  tables: [{ database: 'shop', table: 'orders', rows: 3, estimated: false, isWritten: true }],
  affected: { kind: 'exact', rows: 3 },
  sample: { columns: ['id'], rows: [['1']] },
  triggers: [],
  cascades: [],
  locks: null,
  canLimitRows: true,
};
