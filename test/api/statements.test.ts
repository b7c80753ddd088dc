import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApprovalView } from '../../src/contracts/approvals/approval.js';
import type { RecordingView } from '../../src/contracts/recordings/recording.js';
import type { StatementView } from '../../src/contracts/recordings/statement.js';
import { HELD_POLICIES, send, useHeldShop } from '../gateway/held-shop.js';
import { decideHeld, seeHeld } from '../support/approvals.js';
import { withMysql2 } from '../support/clients/mysql2.js';
import { call } from '../support/grants.js';
import { callAs, problemOf } from '../support/http.js';
import { servers } from '../support/engines.js';
import { useSharedBroker } from '../support/shared-broker.js';
import { searchStatements, untilFound } from '../support/statements.js';
import type { Task } from '../support/task.js';

const broker = useSharedBroker(HELD_POLICIES);
const shop = useHeldShop(broker, servers().mariadb, () => ({
  schema: [
    'CREATE TABLE zebra_totals (id INT PRIMARY KEY, note VARCHAR(200))',
    'INSERT INTO zebra_totals VALUES (1, NULL), (2, NULL)',
  ],
}));

const search = (query: Readonly<Record<string, string>>) => searchStatements(broker(), query);

function textsOf(items: readonly StatementView[]): readonly string[] {
  return items.map(({ excerpt }) => excerpt);
}

function matched({ excerpt, match }: StatementView): readonly string[] {
  return match.map(([from, to]) => excerpt.slice(from, to));
}

describe('a search', () => {
  let task: Task;
  const CJK = "SELECT id FROM zebra_totals WHERE note = '発送済'";

  beforeAll(async () => {
    task = await shop().newTask();
    await withMysql2(task.login, async (client) => {
      await client.query('SELECT id, note FROM zebra_totals');
      await client.query(CJK);
      await client.execute('SELECT note FROM zebra_totals WHERE id = ? AND note <> ?', [1, 'Crème_Brûlée_99']);
      await client.query('SELECT broken FROM zebra_totals').catch(() => undefined);
    });
    await untilFound(broker(), { grant: task.id, table: 'zebra_totals' }, 5);
    // A statement is found before its answer is, where the recording is read between the two.
    await untilFound(broker(), { grant: task.id, error: 'any' }, 1);
  });

  it('finds statements of a task that goes on, and says of each what came of it', async () => {
    const { items } = await search({ grant: task.id, table: `${shop().target.database}.ZEBRA_totals`, kind: 'select' });
    expect(items).toHaveLength(4);
    expect(items.at(-1)).toMatchObject({
      grant: task.id,
      principal: 'test-agent',
      sponsor: null,
      target: shop().target.name,
      protocol: 'mysql',
      database: shop().target.database,
      kind: 'select',
      tables: [`${shop().target.database}.zebra_totals`],
      verdict: 'allow',
      decision: null,
      decidedBy: [],
      error: null,
      rows: 2,
      changed: null,
      excerpt: 'SELECT id, note FROM zebra_totals',
      excerptCut: { start: false, end: false },
      isTextCut: false,
      live: true,
    });
    expect(items.at(-1)?.durationUs).toBeGreaterThan(0);
  });

  it('counts them for the list of recordings', async () => {
    const path = `/v1/recordings/${task.id}`;
    const { body } = await call<RecordingView>(broker(), 'GET', path, { key: broker().keys.reviewer });
    expect(body.counts).toEqual({ statements: 5, held: 0, denied: 0, errors: 1, rows: 2, changed: 0 });
  });

  it('leads to the entry in the recording', async () => {
    const { items } = await search({ grant: task.id, text: '発送済' });
    const [found] = items;
    expect(textsOf(items)).toEqual([CJK]);
    const path = `/v1/recordings/${task.id}/entries?after=${Number(found?.seq) - 1}&limit=1`;
    const { body } = await call<{ items: readonly object[] }>(broker(), 'GET', path, { key: broker().keys.reviewer });
    expect(body.items).toMatchObject([{ seq: found?.seq, operation: found?.operation, body: { text: CJK } }]);
  });

  it.each([
    ['a part of a name', 'bra_tot', 5, 'bra_tot'],
    ['a part of a name in another case', 'BRA_TOT', 5, 'bra_tot'],
    ['a word that ends a name', 'totals', 5, 'totals'],
    ['a part of a text without spaces', '発送', 1, '発送'],
    ['one character of such a text', '済', 1, '済'],
    ['a character that LIKE takes for any', 'zebra%totals', 0, ''],
    ['a phrase', '"note FROM zebra"', 3, 'note FROM zebra'],
    ['words in any order', 'zebra broken', 1, 'broken'],
  ])('finds %s', async (_, text, count, match) => {
    const { items, count: found, searched } = await search({ grant: task.id, text });
    expect(items).toHaveLength(count);
    expect(found).toEqual({ value: count, exact: true });
    expect(searched).toMatchObject({ texts: 'all', textsFrom: null, from: null, to: null });
    if (match !== '') expect(items.map(matched).flat()).toContain(match);
  });

  it('finds values that were bound to a prepared statement, whatever their accents', async () => {
    const { items } = await search({ grant: task.id, text: 'creme_brulee_9' });
    expect(items).toMatchObject([{ excerpt: 'SELECT note FROM zebra_totals WHERE id = ? AND note <> ?' }]);
    expect(items[0]?.values?.text).toBe('1\nCrème_Brûlée_99');
  });

  it('finds what ended in an error, by its code, its state or any', async () => {
    for (const error of ['1054', '42S22', 'any']) {
      const { items } = await search({ grant: task.id, error });
      expect(items).toMatchObject([
        { excerpt: 'SELECT broken FROM zebra_totals', error: { code: '1054', state: '42S22' }, rows: null },
      ]);
    }
    expect((await search({ grant: task.id, error: '1053' })).items).toEqual([]);
  });

  it('finds by rows and by the title of the task, and names the task beside the statements', async () => {
    const many = await search({ grant: task.id, rowsMin: '2', table: 'zebra_totals' });
    expect(textsOf(many.items)).toEqual(['SELECT id, note FROM zebra_totals']);
    const { body } = await call<{ task: { title: string } }>(broker(), 'GET', `/v1/grants/${task.id}`, {
      key: broker().keys.operator,
    });
    const words = body.task.title;
    const { items } = await search({ task: words, table: 'zebra_totals', grant: task.id });
    expect(items).toHaveLength(5);
    const { tasks } = await search({ text: `"${words}"` });
    expect(tasks.map(({ grant }) => grant)).toContain(task.id);
  });

  it('gives pages, the newest first, that meet and have everything once', async () => {
    const whole = await search({ grant: task.id });
    const seqs: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await search({ grant: task.id, limit: '2', ...(cursor === null ? {} : { cursor }) });
      expect(page.count).toEqual(whole.count);
      seqs.push(...page.items.map(({ seq }) => seq));
      cursor = page.next;
    } while (cursor !== null);
    expect(seqs).toEqual(whole.items.map(({ seq }) => seq));
    expect(seqs).toEqual(seqs.toSorted((one, other) => other - one));
    expect(whole.count.value).toBe(seqs.length);
  });

  it('by a name that nothing has finds nothing', async () => {
    for (const query of [{ principal: 'nobody' }, { table: 'no.such' }, { kind: 'shuffle' }, { sponsor: 'nobody' }]) {
      expect(await search({ grant: task.id, ...query })).toMatchObject({
        items: [],
        next: null,
        count: { value: 0, exact: true },
      });
    }
  });

  it.each([
    ['text', 'a'],
    ['text', '1 2 3'],
    ['text', 'aa bb cc dd ee ff gg hh ii'],
    ['cursor', 'elsewhere'],
    ['verdict', 'maybe'],
    ['rowsMin', '-1'],
    ['from', 'yesterday'],
    ['unknown', '1'],
  ])('with %s=%s is refused', async (name, value) => {
    const path = `/v1/statements?${new URLSearchParams({ [name]: value }).toString()}`;
    const problem = problemOf(await callAs(broker(), 'reviewer', { method: 'GET', path }));
    expect(problem).toMatchObject({ status: 400, code: 'request_invalid' });
  });

  it('is for reviewers, and each is an entry of the administrative record with its terms', async () => {
    const refused = problemOf(await callAs(broker(), 'agent', { method: 'GET', path: '/v1/statements?text=zebra' }));
    expect(refused.code).toBe('forbidden');
    await search({ text: 'a-word-of-this-test', table: 'zebra_totals' });
    const path = '/v1/record?act=statement.searched&limit=1';
    const { body } = await call<{ items: readonly object[] }>(broker(), 'GET', path, { key: broker().keys.operator });
    expect(body.items).toMatchObject([
      { who: { name: 'test-reviewer' }, after: { text: 'a-word-of-this-test', table: 'zebra_totals' } },
    ]);
  });
});

describe('what was held', () => {
  it('is found while it waits, and then by the decision and what came of it', async () => {
    const task = await shop().newTask();
    const statement = "UPDATE orders SET note = 'held-by-search' WHERE id = 1";
    const sent = send(task, statement);
    const { id } = await seeHeld(broker(), task.id);
    const [waiting] = await untilFound(broker(), { grant: task.id, decision: 'pending' }, 1);
    expect(waiting).toMatchObject({ excerpt: statement, verdict: 'hold', decidedBy: [], durationUs: null });
    await decideHeld(broker(), task.id, { decision: 'approve', reason: 'as agreed' });
    expect(await sent).toEqual({ result: 1 });
    const [decided] = await untilFound(broker(), { grant: task.id, decision: 'approved', rowsMin: '1' }, 1);
    expect(decided).toMatchObject({
      excerpt: statement,
      verdict: 'hold',
      decidedBy: ['test-approver'],
      changed: 1,
      rows: null,
    });
    const seen = await call<ApprovalView>(broker(), 'GET', `/v1/approvals/${id}`, { key: broker().keys.approver });
    expect(seen.body.ran).toMatchObject([{ operation: decided?.operation, outcome: 'ok', changed: 1, error: null }]);
    const byOperator = await call<ApprovalView>(broker(), 'GET', `/v1/approvals/${id}`, {
      key: broker().keys.operator,
    });
    expect(byOperator.body.ran).toBeNull();
    expect((await search({ grant: task.id, decision: 'pending' })).items).toEqual([]);
    expect((await search({ grant: task.id, verdict: 'hold' })).items).toHaveLength(1);
    await task.end('close');
    const [sealed] = await vi.waitFor(
      async () => {
        const { items } = await search({ grant: task.id, decision: 'approved' });
        expect(items[0]?.live).toBe(false);
        return items;
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(sealed).toEqual({ ...decided, live: false });
  });

  it('and what was denied is found by its verdict', async () => {
    const task = await shop().newTask();
    const denied = 'GRANT SELECT ON *.* TO somebody';
    expect((await send(task, denied)).error).toBeDefined();
    const [found] = await untilFound(broker(), { grant: task.id, verdict: 'deny' }, 1);
    expect(found).toMatchObject({ excerpt: denied, verdict: 'deny', decision: null });
  });
});
